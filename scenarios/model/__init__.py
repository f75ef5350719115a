"""The stores as pure state: no clock, no thread, no disk; every answer a server could give."""
