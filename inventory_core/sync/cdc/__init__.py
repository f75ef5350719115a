"""Change data capture: what a database commits, brought to the product system, once and in order."""
