"""Waiting for runs: those of an apply, and those that are named."""
