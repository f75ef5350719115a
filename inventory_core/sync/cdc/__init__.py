"""Change data capture: what a database commits reaches the product system, once and in order."""
