"""Plans: made from manifests and a service, kept in files, read back."""
