"""What a service is configured to be; requests change nothing of it."""
