"""Buyers at the order flow: the live world of scenarios with a table `[shop]`."""
