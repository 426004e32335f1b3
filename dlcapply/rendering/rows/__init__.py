"""What reports tell row by row, for every form of them."""
