"""What requests and answers of the API look like: pydantic models, by the part of the shop."""
