"""Locust's users of a shop with a product window: they look first, and order what it shows.

Beside the rows of every loaded shop, Locust's tables have `look: in stock`, `look: sold out` and
`look: turned away`; `deduct: refused though shown` is the order that the window promised and the
shop refused.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from locust.contrib.fasthttp import FAILURE_EXCEPTIONS

from scenarios.loading.answers import Reply
from scenarios.loading.stand import stand_of
from scenarios.loading.users import FAILED, ShopUser
from scenarios.loading.visits import Visit
from scenarios.loading.window.looks import LOOK, Look, look_of
from scenarios.measuring.client import UNKNOWN
from scenarios.serving.agenda import Act


class WindowUser(ShopUser):
    """A shopper between a product window and a shop."""

    def on_start(self) -> None:
        """Know where the window is, and take a place at the stand."""
        window = stand_of(self.environment).job.window
        assert window is not None, "a user of a window needs to know where it is"
        self.window = window
        super().on_start()

    def warm_up(self) -> None:
        """Connect to the window, too."""
        super().warm_up()
        with suppress(*FAILURE_EXCEPTIONS):
            _ = self.client.client.urlopen(f"{self.window.url}/health").content

    def serve(self, visit: Visit) -> str:
        """Look, and order only if one is wanted and some are shown. Who cancels does not look."""
        if visit.kind != "deduct":
            return super().serve(visit)
        assert isinstance(visit.thing, Act), visit
        order = visit.thing.order
        seen = self._look(visit, order.sku, wants=order.quantity > 0)
        return super().serve(visit) if order.quantity and seen.units > 0 else seen.outcome

    def named(self, visit: Visit, outcome: str) -> str:
        """A refusal is one of something that was shown."""
        name = super().named(visit, outcome)
        return f"{name} though shown" if name == "deduct: refused" else name

    def _look(self, visit: Visit, sku: str, *, wants: bool) -> Look:
        """One request. What was shown goes home with its answer."""
        clock = self.stand.clock
        sent, seen = clock(), Look(UNKNOWN)
        try:
            url = f"{self.window.url}/stock/{sku}"
            with self.client.get(url, catch_response=True) as response:
                seen = look_of(response.status_code, response.content or b"", wants=wants)
                meta: dict[str, Any] = response.request_meta
                meta["name"] = f"{LOOK}: {seen.outcome}"
                meta["response_time"] = (clock() - (visit.due_ns or sent)) / 1e6
                if seen.outcome in FAILED:
                    response.failure(f"status {response.status_code}")
                else:
                    response.success()
        finally:
            at = (visit.key, LOOK, 0, 0, self.number)
            times = (visit.due_ns or sent, sent, clock())
            self.stand.note(Reply(*at, *times, seen.outcome, 0, seen.units, seen.as_of_us))
        return seen
