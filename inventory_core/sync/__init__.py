"""Keeping step with the warehouses: counts, movements, and telling them what to ship."""
