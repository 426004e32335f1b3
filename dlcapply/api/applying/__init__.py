"""From a plan to outcomes: what apply does, and what it starts later."""
