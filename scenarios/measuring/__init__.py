"""The measured world: real stores, real processes, real time."""
