"""The loaded world: Locust's users against the HTTP API of a served shop. Only here is locust."""
