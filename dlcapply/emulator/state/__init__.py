"""What a service keeps, in a file that is for its user alone."""
