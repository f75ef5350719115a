"""The routes of the API, one concept a file; each file has a `router`."""
