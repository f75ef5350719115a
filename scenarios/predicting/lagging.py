"""A sale beside its shop window, in virtual time: the simulated world of `scenarios/lagging`.

    history = simulate(scenario, case, seed)

Shoppers look at the copy and order at the source; a path keeps the copy in step. Reads and writes
take no time here: what is predicted is what lateness alone does.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Generator, Mapping
from typing import Any, NamedTuple, Protocol

import simpy

from scenarios.lagging.cases import Case, Control, Fault
from scenarios.lagging.demand import Visit, refills_of, visits_of
from scenarios.lagging.history import Answer, Changed, History, Look
from scenarios.lagging.paths import Kind
from scenarios.lagging.scenario import SyncLag
from scenarios.lagging.source import Row, Source
from scenarios.lagging.window import Window

Waits = Generator[simpy.Event, Any, None]
TOLD_AGAIN = 8
"""Changes that a consumer or a broker had not settled when it died."""

REPEATED_SHARE = 0.2
APART_S = 1e-9
"""Two deliveries that keep their order are so far apart at least: a float does not turn them."""


def simulate(scenario: SyncLag, case: Case, seed: int) -> History:
    """Simulate one run, and judge nothing."""
    return _World(scenario, case, seed).run()


class _Path(Protocol):
    """What keeps the copy in step."""

    read: int

    def begin(self) -> None:
        """The sale begins."""

    def asked(self, article: int) -> None:
        """A shopper is about to look."""

    def changed(self, article: int, row: Row) -> None:
        """The source has changed."""

    def end(self) -> None:
        """The sale is over, and all that was under way has arrived."""


class _World:
    """Source, window, path and shoppers of one run."""

    def __init__(self, scenario: SyncLag, case: Case, seed: int) -> None:
        self.sale, self.case, self.seed = scenario.sale, case, seed
        self.env = simpy.Environment()
        self.source = Source(self.sale.articles, self.sale.quantity)
        self.window = Window(
            [self.source.row(article) for article in range(self.sale.articles)],
            lambda: float(self.env.now),
            versioned=case.control is not Control.LAST_WRITE_WINS,
        )
        self.history = History(self.sale.articles, self.sale.quantity, self.sale.seconds)
        self._path: _Path = PATHS[case.path.kind](self)

    def run(self) -> History:
        """Play until nothing is under way, and see what the copy is at rest."""
        self._path.begin()
        self.env.process(self._shoppers())
        self.env.process(self._refills())
        self.env.run()
        self._path.end()
        history, window = self.history, self.window
        history.arrivals, history.written = window.arrivals, window.written
        history.ignored, history.read = window.ignored, self._path.read
        history.differing = sum(
            window.shown(article) != self.source.row(article)
            for article in range(self.sale.articles)
        )
        return history

    def until(self, moment_s: float) -> simpy.Event:
        """That moment, or now if it is past."""
        return self.env.timeout(max(0.0, moment_s - self.env.now))

    def _shoppers(self) -> Waits:
        for visit in visits_of(self.sale, self.seed):
            yield self.until(visit.at_s)
            self._visited(visit)

    def _visited(self, visit: Visit) -> None:
        article = visit.article
        self._path.asked(article)
        shown = self.window.shown(article)
        answer = Answer.WENT_AWAY if visit.wants else Answer.LOOKED
        if shown.units and visit.wants:
            by_the_copy = self.case.control is Control.SELLS_BY_THE_COPY
            row = self.source.take(article, by_the_copy=by_the_copy)
            answer = Answer.SOLD if row else Answer.REFUSED
            if row:
                self._changed(article, row, 1)
                if visit.cancels_after_s is not None:
                    self.env.process(self._cancels(article, visit.cancels_after_s))
        self.history.looks.append(Look(self.env.now, article, shown, answer))

    def _cancels(self, article: int, after_s: float) -> Waits:
        if self.env.now + after_s < self.sale.seconds:
            yield self.env.timeout(after_s)
            self._changed(article, self.source.give(article, 1), -1)

    def _refills(self) -> Waits:
        for at_s, article, units in refills_of(self.sale):
            yield self.until(at_s)
            self._changed(article, self.source.give(article, units), -units)

    def _changed(self, article: int, row: Row, sold: int) -> None:
        self.history.changes.append(Changed(self.env.now, article, row, sold))
        self._path.changed(article, row)


class _Polling:
    """Reads all of the source every so often, and once after the sale."""

    def __init__(self, world: _World) -> None:
        self._world, self.read = world, 0

    def begin(self) -> None:
        self._world.env.process(self._poll())

    def asked(self, article: int) -> None:
        pass

    def changed(self, article: int, row: Row) -> None:
        pass

    def end(self) -> None:
        pass

    def _poll(self) -> Waits:
        world = self._world
        while world.env.now < world.sale.seconds:
            yield world.env.timeout(world.case.path.own_s)
            for article in range(world.sale.articles):
                world.window.put(article, world.source.row(article))
            self.read += world.sale.articles


class _OnDemand:
    """Reads an article when somebody asks and what is shown is too old."""

    def __init__(self, world: _World) -> None:
        self._world, self.read = world, 0
        self._read_s = [0.0] * world.sale.articles

    def begin(self) -> None:
        pass

    def asked(self, article: int) -> None:
        world = self._world
        if world.env.now - self._read_s[article] > world.case.path.own_s:
            self._refresh(article)

    def changed(self, article: int, row: Row) -> None:
        pass

    def end(self) -> None:
        for article in range(self._world.sale.articles):
            self._refresh(article)

    def _refresh(self, article: int) -> None:
        self._read_s[article] = self._world.env.now
        self._world.window.put(article, self._world.source.row(article))
        self.read += 1


class _Told(NamedTuple):
    """A change on its way. Two consumers take them in turn."""

    article: int
    row: Row
    epoch: int
    consumer: int


class _Streaming:
    """Tells every change, each article's in order, after a lag; and what goes wrong with that."""

    def __init__(self, world: _World) -> None:
        self._world, self.read = world, 0
        self._dice = random.Random(f"{world.seed}/lags")
        self._due_s = [0.0] * world.sale.articles
        self._told_last: deque[_Told] = deque(maxlen=TOLD_AGAIN)
        self._back: simpy.Event | None = None  # while something is away: when it is there again
        self._epoch = self._number = 0

    def begin(self) -> None:
        if self._world.case.for_s and self._world.case.fault:
            self._world.env.process(self._strike())

    def asked(self, article: int) -> None:
        pass

    def end(self) -> None:
        pass

    def changed(self, article: int, row: Row) -> None:
        if self._is_away(Fault.POSITION_LOST):
            return  # nobody reads the log
        self.read += 1
        self._number += 1
        consumer = self._number % 2 if self._world.case.fault is Fault.TWO_CONSUMERS else 0
        told = _Told(article, row, self._epoch, consumer)
        self._world.env.process(self._deliver(told))
        repeats = self._world.case.fault is Fault.DUPLICATE_DELIVERY
        if repeats and self._dice.random() < REPEATED_SHARE:
            self._world.env.process(self._deliver(told))

    def _deliver(self, told: _Told) -> Waits:
        world, fault = self._world, self._world.case.fault
        if self._back is not None and fault is Fault.BROKER_KILLED:
            yield self._back  # until then it cannot be published
        due_s = world.env.now + world.case.path.lag_s(self._dice)
        if fault is not Fault.REORDERED_DELIVERY:
            due_s = max(due_s, self._due_s[told.article] + APART_S)
            self._due_s[told.article] = due_s
        yield world.until(due_s)
        if self._back is not None and self._is_held(told):
            yield self._back
        world.window.put(told.article, told.row, told.epoch)
        self._told_last.append(told)

    def _is_held(self, told: _Told) -> bool:
        """Is whoever would apply this one away?"""
        fault = self._world.case.fault
        if fault is Fault.TWO_CONSUMERS:
            return told.consumer == 0
        return fault in (Fault.CONSUMER_STOPPED, Fault.CONSUMER_KILLED, Fault.BROKER_KILLED)

    def _is_away(self, fault: Fault) -> bool:
        return self._back is not None and self._world.case.fault is fault

    def _strike(self) -> Waits:
        world, case = self._world, self._world.case
        yield world.until(case.at_s)
        back = self._back = world.env.event()
        yield world.env.timeout(case.for_s)
        self._back = None
        if case.fault in (Fault.CONSUMER_KILLED, Fault.BROKER_KILLED):
            for told in tuple(self._told_last):
                world.window.put(told.article, told.row, told.epoch)
        if case.fault is Fault.POSITION_LOST and case.control is not Control.NO_SNAPSHOT:
            self._snapshot()
        back.succeed()

    def _snapshot(self) -> None:
        """A new epoch: every row as it is now, then what comes after."""
        self._epoch += 1
        for article in range(self._world.sale.articles):
            self.changed(article, self._world.source.row(article))


PATHS: Mapping[Kind, Callable[[_World], _Path]] = {
    Kind.POLLING: _Polling,
    Kind.ON_DEMAND: _OnDemand,
    Kind.STREAMING: _Streaming,
}
