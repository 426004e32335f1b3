"""The runs that a job had."""
