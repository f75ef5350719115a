"""The workers between cache and rows as services: how far behind, what is set aside, rebuilt."""
