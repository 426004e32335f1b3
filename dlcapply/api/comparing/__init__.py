"""Two states of the manifests, compared offline."""
