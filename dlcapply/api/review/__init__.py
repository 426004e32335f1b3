"""Where plans are reviewed: what is told there, and which consents count."""
