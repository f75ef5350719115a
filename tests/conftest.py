"""What all tests share. Fixtures live in files named for what they provide; here they meet."""

pytest_plugins = ["tests.servers"]
