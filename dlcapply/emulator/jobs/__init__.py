"""PAI-DLC's operations on jobs."""
