"""Who brings what comes in during a sale: from the units that no channel has, to the channel."""

from __future__ import annotations

import threading
import time
from typing import NamedTuple

from scenarios.lagging.demand import Refill, refills_of, sku_of
from scenarios.lagging.scenario import Sale
from scenarios.loading.desk import Desk
from scenarios.serving.buyers import PLACE


class Refilled(NamedTuple):
    """Units that came in, some time from `sent_ns` of the run on."""

    article: int
    units: int
    sent_ns: int


class Keeper:
    """Keeps the shop while shoppers are there. `over` is set by whoever ends the sale."""

    def __init__(self, desk: Desk, sale: Sale) -> None:
        self._desk = desk
        self._coming = list(refills_of(sale))
        self.over = threading.Event()
        self.refilled: list[Refilled] = []

    def keep(self, starts_ns: int) -> None:
        """Bring each refill when it is due, until the last, or until the sale is over."""
        for number, refill in enumerate(self._coming):
            due_ns = starts_ns + round(refill.at_s * 1e9)
            if self.over.wait(max(0.0, (due_ns - time.monotonic_ns()) / 1e9)):
                return
            sent_ns = time.monotonic_ns() - starts_ns
            self._bring(number, refill)
            self.refilled.append(Refilled(refill.article, refill.units, sent_ns))

    def _bring(self, number: int, refill: Refill) -> None:
        self._desk.asked(
            "POST",
            "/v1/moves",
            json={
                "key": f"refill-{number}",
                "sku": sku_of(refill.article),
                "source": "unassigned",
                "target": PLACE,
                "quantity": refill.units,
            },
        )
