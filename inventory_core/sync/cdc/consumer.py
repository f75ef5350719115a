"""The consumer: receives messages, has the product apply them, and only then acknowledges.

    receive --> apply (one transaction of the product's: rows, totals, dead letters) --> acknowledge

Whoever dies between the two is told the messages again, and the product knows them by the versions
of its rows. A change that cannot be applied is tried again, then set aside with the reason: it may
not hold up the others. A message of an epoch whose snapshot this product never saw is not applied
at all: a new snapshot is asked for, and tells everything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from inventory_core.sync.cdc.broker import Broker, Delivery
from inventory_core.sync.cdc.lag import ConsumerFigures
from inventory_core.sync.cdc.limits import PipelineLimits


class Result(Protocol):
    """What became of some messages."""

    @property
    def applied(self) -> int:
        """Changes that changed a row."""

    @property
    def stale(self) -> int:
        """Changes that were told before, or that a newer one overtook."""

    @property
    def dead(self) -> int:
        """Changes that were set aside."""

    @property
    def without_snapshot(self) -> bool:
        """Was there a message of an epoch whose beginning this product never saw?"""

    @property
    def committed_at_us(self) -> Sequence[int]:
        """When the source committed them."""


class Product(Protocol):
    """The system that is kept in step. It knows messages, and nothing else of ours."""

    def apply(self, messages: Sequence[bytes], tries: int) -> Result:
        """Apply them in one transaction, in their order; what fails `tries` times is set aside."""


@dataclass(slots=True)
class Consumer:
    """From one broker to one product."""

    broker: Broker
    product: Product
    limits: PipelineLimits
    figures: ConsumerFigures
    want_snapshot: Callable[[], None] = lambda: None
    _asked: bool = field(default=False, init=False)

    def turn(self) -> int:
        """Apply what is there; how many messages that was."""
        deliveries = self.broker.receive(self.limits.receive_messages, self.limits.idle_s)
        if deliveries:
            self._apply(deliveries)
        return len(deliveries)

    def _apply(self, deliveries: Sequence[Delivery]) -> None:
        done = self.product.apply([each.body for each in deliveries], self.limits.tries)
        self.figures.applied(done.applied, done.stale, done.dead, done.committed_at_us)
        if done.without_snapshot and not self._asked:
            self.want_snapshot()  # once: it is on its way behind what is still to come
        self._asked = done.without_snapshot
        self.broker.acknowledge(deliveries)
