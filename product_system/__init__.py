"""A small product system: what a shop window shows, kept in step with stock that others keep."""
