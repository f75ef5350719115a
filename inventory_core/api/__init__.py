"""The HTTP API of the inventory: FastAPI over the services, on pools of sessions."""
