"""PAI-DLC's operations on job templates."""
