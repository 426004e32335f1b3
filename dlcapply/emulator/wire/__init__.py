"""What a request goes through before and after its operation: HTTP, signature, limits, faults, log."""
