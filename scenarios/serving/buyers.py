"""Who comes to the shop, when, for what, and what they do next: a pure function of the seed.

Both rules (deduct at order or at payment time) and every strategy meet the same buyers. What a
buyer does after placing is counted from the answer they got, so that nobody pays an order that the
shop has not confirmed yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

import numpy as np

from scenarios.scenario import Scenario, Shop

CHANNEL = "web"
ACTIVITY = "drop"
ADDRESS = "east/hill/oak"
PLACE = f"channel:{CHANNEL}"
ACTIVITY_PLACE = f"activity:{ACTIVITY}"

AT_ONCE_NS = 1_000_000
"""Orders and deliveries that come at the same moment come so shortly after each other."""


class Life(Enum):
    """What becomes of an order after it was placed."""

    PAY = "pay"
    PAY_LATE = "pay_late"
    CANCEL = "cancel"
    ABANDON = "abandon"


class Order(NamedTuple):
    """An order that a buyer is going to place, and how it goes on."""

    serial: int
    arrives_ns: int
    buyer: str
    sku: str
    place: str
    quantity: int
    life: Life
    waits_s: float  # from the answer to placing until paying or cancelling
    again_ns: int  # when it is delivered a second time; 0: never

    @property
    def number(self) -> str:
        """Its order number in the channel."""
        return f"o{self.serial:08d}"

    @property
    def lines(self) -> str:
        """Its line as the records keep it."""
        return f"{self.sku}@{self.place}={self.quantity}"

    @property
    def activity(self) -> str:
        """The activity that it asks for; empty if it asks the channel."""
        return ACTIVITY if self.place == ACTIVITY_PLACE else ""


@dataclass(frozen=True)
class Buyers:
    """All orders of a run."""

    scenario: Scenario
    seed: int
    seconds: float

    @property
    def shop(self) -> Shop:
        """The scenario's shop."""
        assert self.scenario.shop is not None, f"{self.scenario.name} has no table [shop]"
        return self.scenario.shop

    @property
    def skus(self) -> tuple[str, ...]:
        """The articles."""
        return tuple(f"sku-{number + 1}" for number in range(self.scenario.stock.cells))

    @property
    def place(self) -> str:
        """Where orders take their units from."""
        return ACTIVITY_PLACE if self.shop.window_s else PLACE

    def orders(self) -> tuple[Order, ...]:
        """Every order, by its arrival."""
        wishes = self.scenario.demand
        dice = np.random.default_rng(self.seed)
        count = max(1, round(wishes.rate_per_s * self.seconds))
        arrives = np.sort(dice.uniform(0, self.seconds, count)) * 1e9
        arrives, buyer = self._in_crowds(dice, arrives)
        article = dice.integers(0, self.scenario.stock.cells, count)
        quantity = dice.choice(np.asarray(wishes.quantities), count)
        life, waits = dice.random(count), dice.random(count)
        late = dice.random(count)
        copies, at_once = dice.random(count), dice.random(count)
        lag_ns = dice.uniform(0.05, 0.5, count) * 1e9
        found = []
        for i in range(count):
            what = self._life(float(life[i]))
            again = 0
            if copies[i] < wishes.duplicates:
                soon = at_once[i] >= wishes.duplicates_late
                again = int(arrives[i] + (AT_ONCE_NS if soon else lag_ns[i]))
            found.append(
                Order(
                    i,
                    int(arrives[i]),
                    f"buyer-{int(buyer[i]):06d}",
                    self.skus[int(article[i])],
                    self.place,
                    int(quantity[i]),
                    what,
                    self._waits_s(what, float(waits[i]), float(late[i])),
                    again,
                )
            )
        return tuple(sorted(found, key=lambda order: order.arrives_ns))

    def of(self, worker: int, workers: int) -> list[Order]:
        """The orders that one of so many workers plays: every so many-th."""
        return [order for order in self.orders() if order.serial % workers == worker]

    def _in_crowds(
        self, dice: np.random.Generator, arrives: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Buyers of the orders; some send three at the same moment."""
        count, shop = len(arrives), self.shop
        known = shop.buyers or count
        buyer = dice.integers(0, known, count) if shop.buyers else np.arange(count)
        leads = np.flatnonzero(dice.random(count) < shop.parallel / 3)
        for lead in leads[leads < count - 2].tolist():
            for other in (1, 2):
                arrives[lead + other] = arrives[lead] + other * AT_ONCE_NS
                buyer[lead + other] = buyer[lead]
        return arrives, buyer

    def _life(self, drawn: float) -> Life:
        wishes = self.scenario.demand
        for share, life in (
            (wishes.pay, Life.PAY),
            (wishes.pay_expired, Life.PAY_LATE),
            (wishes.roll_back, Life.CANCEL),
        ):
            if drawn < share:
                return life
            drawn -= share
        return Life.ABANDON

    def _waits_s(self, life: Life, drawn: float, late: float) -> float:
        """In time: exponential, and well before the deadline. Too late: well after it."""
        hold_s = self.scenario.demand.hold_s
        if life is Life.PAY_LATE:
            return hold_s + 0.1 + late * self.shop.pays_late_s
        return float(min(-np.log1p(-drawn) * self.shop.pays_after_s, 0.8 * hold_s))
