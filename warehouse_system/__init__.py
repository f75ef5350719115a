"""A small warehouse system: the other side of the wire, with a database of its own."""
