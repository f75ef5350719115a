"""The inventory system itself: stock, orders, strategies' contract, drivers and stores."""
