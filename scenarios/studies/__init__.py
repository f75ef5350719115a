"""Phenomena that have a name: each turned by one thing, simulated, with its theory beside."""
