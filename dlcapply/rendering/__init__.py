"""Values to text and JSON: one module or package per form; no input or output, and no decisions."""
