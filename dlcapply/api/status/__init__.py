"""What is live, beside what was declared and what was written."""
