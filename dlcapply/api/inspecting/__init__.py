"""What a run shows of itself, and what can be looked at beside it."""
