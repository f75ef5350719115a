"""The real stores that plans run on, and the stacks that name sets of them."""
