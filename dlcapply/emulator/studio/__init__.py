"""A part of PaiStudio: the quotas that jobs run on, and the queue in front of each."""
