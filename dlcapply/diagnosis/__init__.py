"""From what is known of a run to what happened to it, and what to do: never more than the evidence."""
