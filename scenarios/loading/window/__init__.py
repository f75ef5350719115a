"""`sync_lag` at the front door: Locust's users look at a product window before they order."""
