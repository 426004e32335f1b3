"""What webhooks are told, and were told before."""
