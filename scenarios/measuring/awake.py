"""Who may stay awake while it waits for replies: a worker that has a processor to itself.

    1 client, rows, 2 cores     one core for the statement, one for the worker: it stays awake
    8 clients, rows, 2 cores    the servers have work for every core: it sleeps
    8 clients, keys, 2 cores    Redis does one thing at a time: it stays awake

Elsewhere a worker that looks for replies all the time would take from the servers what it measures.
"""

from __future__ import annotations

from inventory_core.strategy import Needs, Strategy
from scenarios.measuring.machine import available_cores


def stays_awake(strategy: Strategy, clients: int, processes: int = 1) -> bool:
    """Is a processor left for each worker when the servers and the helpers have theirs?"""
    busy = clients if Needs.SQL in strategy.needs else min(clients, 1)
    helpers = len(strategy.daemons()) - 1  # but for the sweeper, which looks four times a second
    return processes + busy + helpers <= available_cores()
