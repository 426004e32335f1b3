"""Which saved plans of merged pull requests may be carried out: gathered from a forge, and believed for a reason."""
