"""From where the users of one worker get their next visit: the worker's share of the demand.

    ClosedTill   the next delivery, as soon as a user is free
    OpenTill     deliveries as they arrive, whoever is free; those that wait too long leave
    ShopTill     arrivals of buyers or of shoppers, and what they do after their answers

All users of a worker share one till, so what is played is the same however many they are.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import suppress

from scenarios.demand import Delivery, Share, make_demand
from scenarios.loading.job import LoadJob
from scenarios.loading.visits import Visit, visit_of
from scenarios.loading.window.shoppers import orders_of
from scenarios.measuring.arrivals import Arrivals, Stream
from scenarios.scenario import Shop
from scenarios.serving.agenda import Act, Agenda, arrivals_of, kinds_of, what_follows
from scenarios.serving.buyers import Buyers, Order

AFTER_S = 30.0
"""Buyers of a shop who are still busy so long after the end are left where they are."""


class Till(ABC):
    """Hands out visits from the start of a run to its end."""

    closed = False

    @abstractmethod
    def begin(self, starts_ns: int, ends_ns: int) -> None:
        """The run starts then."""

    @abstractmethod
    def take(self, now_ns: int) -> Visit | float | None:
        """The next visit, due now or later; or seconds to wait; or None: nothing more will come."""

    def answered(self, visit: Visit, outcome: str, now_ns: int) -> Visit | None:
        """A visit is over; what it leads to, where that is known."""
        return None

    def wait(self, seconds: float) -> None:
        """So long, or until there may be something to do."""
        time.sleep(seconds)

    def close(self) -> None:
        """Hand out no more."""
        self.closed = True

    def dropped(self) -> list[tuple[Visit, int]]:
        """Arrivals that nobody served, and when they left."""
        return []


class ClosedTill(Till):
    """The next delivery at once, until the time is over."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._ends_ns = 0
        self._deliveries: Iterator[Delivery] = iter(())

    def begin(self, starts_ns: int, ends_ns: int) -> None:
        """From the first delivery on."""
        self._ends_ns = ends_ns
        self._deliveries = self._stream.of_client(0)

    def take(self, now_ns: int) -> Visit | None:
        """Whatever comes next."""
        if self.closed or now_ns >= self._ends_ns:
            return None
        delivery = next(self._deliveries, None)
        return None if delivery is None else visit_of(delivery, 0, open_loop=False)


class OpenTill(Till):
    """The queue of arrivals in front of the users."""

    def __init__(self, stream: Stream, queue: int) -> None:
        self._stream, self._queue = stream, queue
        self._arrivals: Arrivals | None = None
        self._starts_ns = self._ends_ns = 0

    def begin(self, starts_ns: int, ends_ns: int) -> None:
        """Arrivals count from then."""
        self._starts_ns, self._ends_ns = starts_ns, ends_ns
        self._arrivals = Arrivals(self._stream, self._queue, starts_ns, ends_ns)

    def take(self, now_ns: int) -> Visit | None:
        """The next arrival; a user who takes one that is yet to come waits for it."""
        if self.closed or self._arrivals is None or now_ns >= self._ends_ns:
            return None
        delivery = self._arrivals.take(now_ns)
        if delivery is None:
            return None
        return visit_of(delivery, self._starts_ns, open_loop=True)

    def dropped(self) -> list[tuple[Visit, int]]:
        """Who waited too long, and who still waited at the end."""
        if self._arrivals is None:
            return []
        if not self.closed:  # who was stopped before the end cannot say who would have come
            self._arrivals.close()
        return [(_gone(position), at_ns) for position, _, at_ns, *_ in self._arrivals.dropped]


def _gone(position: int) -> Visit:
    return Visit(position, "", 0, 0, Delivery(position, 0, "", (), 0))


class ShopTill(Till):
    """The agenda of a shop's buyers."""

    def __init__(self, shop: Shop, orders: Sequence[Order]) -> None:
        self._kinds = kinds_of(shop)
        self._orders = orders
        self._agenda = Agenda(())
        self._gives_up_ns = 0

    def begin(self, starts_ns: int, ends_ns: int) -> None:
        """Arrivals count from then; what follows from answers may take longer than the run."""
        self._gives_up_ns = ends_ns + round(AFTER_S * 1e9)
        self._agenda = Agenda(arrivals_of(self._orders, starts_ns))

    def take(self, now_ns: int) -> Visit | float | None:
        """What is due."""
        if self.closed or now_ns >= self._gives_up_ns:
            return None
        act = self._agenda.next(now_ns)
        if not isinstance(act, Act):
            return act
        return self._visit(act)

    def _visit(self, act: Act) -> Visit:
        return Visit(act.serial, self._kinds[act.kind], act.delivery, act.due_ns, act)

    def answered(self, visit: Visit, outcome: str, now_ns: int) -> Visit | None:
        """And what the buyer does next."""
        assert isinstance(visit.thing, Act), visit
        follows = what_follows(visit.thing, outcome, now_ns)
        self._agenda.done(follows)
        return None if follows is None else self._visit(follows)

    def wait(self, seconds: float) -> None:
        """Until something is due, or a buyer has decided what to do next."""
        self._agenda.wait(min(seconds, 0.2))


def till_of(job: LoadJob, worker: int) -> Till:
    """The till of one of the workers."""
    if job.window is not None:
        coming = orders_of(job.window.sale)
        return ShopTill(Shop(), [one for one in coming if one.serial % job.workers == worker])
    if job.scenario.shop is not None:
        buyers = Buyers(job.scenario, job.seed, job.seconds)
        return ShopTill(job.scenario.shop, buyers.of(worker, job.workers))
    demand = make_demand(job.scenario, job.seed, job.seconds)
    stream = Stream(demand, Share(worker, worker + 1, job.workers))
    with suppress(ValueError):  # real baskets have few blocks
        stream.prepare()
    if job.scenario.demand.open_loop:
        return OpenTill(stream, job.scenario.demand.queue)
    return ClosedTill(stream)
