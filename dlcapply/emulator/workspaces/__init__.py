"""AIWorkSpace's operations on workspaces and what they hold."""
