"""What it costs that a shop window learns of the stock late: the scenario `sync_lag`."""
