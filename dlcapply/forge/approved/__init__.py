"""Which saved plans of merged pull requests may be carried out, and why not the others."""
