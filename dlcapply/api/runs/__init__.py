"""What every command about runs asks first: which is meant, whose are seen, how large, how idle they are."""
