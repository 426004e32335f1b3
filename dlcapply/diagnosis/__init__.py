"""From what is known of a run to what became of it, and why; pure."""
