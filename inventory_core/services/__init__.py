"""The services of the inventory, as plans: order flow, query, stock management, audit."""
