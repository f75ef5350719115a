"""The process that keeps step with the warehouses: turns of the scheduler and of dispatching.

    until stop:  finish, read feeds, count who is due  --  tell of paid orders  --  pause

It owns nothing: every turn begins from what the store says, so any number may run, and any may be
killed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import Any

from inventory_core.problems import Problem
from inventory_core.steps.errors import StepError
from inventory_core.steps.step import Plan
from inventory_core.sync.alternating import alternate
from inventory_core.sync.daily import Daily
from inventory_core.sync.dispatching import SHIPPED, Dispatching, Place
from inventory_core.sync.warehouse_client import WarehouseClient

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SyncDaemon:
    """Turns, one after the other, with a pause after each round.

    `run` carries out a plan without questions on a session of its own, and makes the session fit
    for the next plan after an error.
    """

    daily: Daily
    dispatching: Dispatching
    run: Callable[[Plan[Any]], Any]
    client: WarehouseClient
    pause_s: float = 5.0

    def serve(self, stop: Event) -> None:
        """Take turns until `stop` is set."""
        place = Place()
        while not stop.is_set():
            self._count()
            place = self._dispatch(place)
            stop.wait(self.pause_s)

    def _count(self) -> None:
        try:
            turn = alternate(self.daily.turn(), self.run, self.client)
        except (StepError, Problem) as error:  # the next turn begins from what is stored
            log.warning("a turn of synchronisation ended early: %r", error)
            return
        for warehouse, trouble in turn.troubles:
            log.warning("warehouse %s: %s", warehouse, trouble)

    def _dispatch(self, place: Place) -> Place:
        try:
            told, after = alternate(self.dispatching.turn(place), self.run, self.client)
        except (StepError, Problem) as error:
            log.warning("a turn of dispatching ended early: %r", error)
            return Place()
        for one in told:
            if one.said not in SHIPPED:
                log.warning("%s at %s: %s", one.reference, one.warehouse, one.reason)
        return after
