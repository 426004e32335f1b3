"""Values to lines for people, the same on a terminal and in a file."""
