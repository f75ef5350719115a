"""Shoppers at a live shop window: threads that look at the copy and order at the source.

    shoppers  look, and order if the window shows some
    keeper    gives back what was cancelled, and brings the refills
    watcher   sees which versions the copy has, and since when
    path      polls, if that is how the window learns

Nothing is judged here. A visit that comes late is recorded with its own time, and how late it was.
"""

from __future__ import annotations

import heapq
import threading
import time
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, closing
from pathlib import Path

from scenarios.lagging.demand import Refill, Visit, refills_of, visits_of
from scenarios.lagging.history import Answer, Changed, History, Look
from scenarios.lagging.refreshing import Refreshing
from scenarios.lagging.scenario import Sale
from scenarios.lagging.shop import Showcase, Till
from scenarios.lagging.source import Row
from scenarios.lagging.window import Arrival

SHOPPERS = 6
LOOK_EVERY_S = 0.002
BEGIN_IN_S = 0.1


class Shopping:
    """One sale: `play` it, then take its history. Every thread appends whole records."""

    def __init__(
        self,
        url: str,
        product: Path,
        sale: Sale,
        seed: int,
        path: Refreshing,
        *,
        by_the_copy: bool = False,
    ) -> None:
        self._url, self._product, self._sale, self._path = url, product, sale, path
        self._by_the_copy = by_the_copy
        self._visits = list(visits_of(sale, seed))
        self._coming: list[Refill] = list(refills_of(sale))  # in order, so it is a heap
        self._coming_turn = threading.Lock()
        self._over = threading.Event()
        self._begun_s = 0.0
        self.history = History(sale.articles, sale.quantity, sale.seconds)

    def play(self) -> None:
        """Until the last shopper has gone; what fails on a thread is raised here."""
        self._begun_s = time.monotonic() + BEGIN_IN_S
        with ThreadPoolExecutor(SHOPPERS + 3) as pool:
            shoppers = [pool.submit(self._shop, number) for number in range(SHOPPERS)]
            others: list[Future[None]] = [
                pool.submit(self._keep),
                pool.submit(self._watch),
                pool.submit(self._path.keep, self._over),
            ]
            try:
                wait([*shoppers], return_when=FIRST_EXCEPTION)
            finally:
                self._over.set()
        for done in (*shoppers, *others):
            done.result()

    def _now_s(self) -> float:
        return time.monotonic() - self._begun_s

    def _shop(self, number: int) -> None:
        with ExitStack() as stack:
            till = stack.enter_context(closing(Till(self._url, by_the_copy=self._by_the_copy)))
            showcase = stack.enter_context(closing(Showcase(self._product)))
            for visit in self._visits[number::SHOPPERS]:
                if self._over.wait(max(0.0, visit.at_s - self._now_s())):
                    return
                self.history.late_s.append(self._now_s() - visit.at_s)
                self._visit(visit, till, showcase)

    def _visit(self, visit: Visit, till: Till, showcase: Showcase) -> None:
        article, answer = visit.article, Answer.WENT_AWAY if visit.wants else Answer.LOOKED
        self._path.asked(article)
        looked_s = self._now_s()
        shown = showcase.shown(article)
        assert shown is not None, f"the product does not know article {article}"
        if shown.units and visit.wants:
            row = till.take(article)
            answer = Answer.SOLD if row else Answer.REFUSED
            if row:
                self._changed(article, row, 1)
                if visit.cancels_after_s is not None:
                    back = Refill(self._now_s() + visit.cancels_after_s, article, 1)
                    with self._coming_turn:
                        heapq.heappush(self._coming, back)
        self.history.looks.append(Look(looked_s, article, shown, answer))

    def _keep(self) -> None:
        """What is due comes in; what is due after the sale does not."""
        with closing(Till(self._url)) as till:
            while not self._over.wait(LOOK_EVERY_S):
                while (due := self._due()) is not None:
                    row = till.give(due.article, due.units)
                    self._changed(due.article, row, -due.units)

    def _due(self) -> Refill | None:
        with self._coming_turn:
            due = bool(self._coming) and self._coming[0].at_s <= self._now_s()
            return heapq.heappop(self._coming) if due else None

    def _watch(self) -> None:
        versions: dict[int, int] = dict.fromkeys(range(self._sale.articles), 0)
        with closing(Showcase(self._product)) as showcase:
            while not self._over.wait(LOOK_EVERY_S):
                found, at_s = showcase.versions(), self._now_s()
                for article, version in found.items():
                    if version != versions.get(article):
                        versions[article] = version
                        self.history.arrivals.append(Arrival(at_s, article, version))

    def _changed(self, article: int, row: Row, sold: int) -> None:
        self.history.changes.append(Changed(self._now_s(), article, row, sold))
