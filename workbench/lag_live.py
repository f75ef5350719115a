"""The scenario `sync_lag` on private servers: the real pipeline, or a reader, beside real shoppers.

    PostgreSQL --capture--> Valkey --consumer--> product system      streaming
    PostgreSQL --poller, or a read when a shopper asks--> product system

Every run has servers and a product of its own. Faults befall the pipeline's own processes.
"""

from __future__ import annotations

import signal
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from inventory_core.problems import Problem
from inventory_core.stores.embedded import EmbeddedPostgresql
from product_system.shelf import Shelf
from scenarios.lagging.cases import Case, Control, Fault
from scenarios.lagging.history import History
from scenarios.lagging.paths import Kind
from scenarios.lagging.refreshing import Refreshing, level, refreshing
from scenarios.lagging.scenario import SyncLag
from scenarios.lagging.shop import RULES, SOURCE, open_source
from scenarios.lagging.shopping import BEGIN_IN_S, Shopping
from workbench.private_pipeline import PrivatePipeline, private_pipeline

SETTLE_WITHIN_S = 60.0
LOOK_EVERY_S = 0.02


def measure(scenario: SyncLag, case: Case, seed: int) -> History:
    """Run one case on servers of its own, and judge nothing."""
    with tempfile.TemporaryDirectory(prefix="stockproof-lag-") as name, ExitStack() as stack:
        place = stack.enter_context(_prepared(scenario, case, Path(name)))
        path = refreshing(case.path, place.url, place.product)
        stack.callback(path.close)
        written, ignored = _counts(place.product)
        by_the_copy = case.control is Control.SELLS_BY_THE_COPY
        shopping = Shopping(
            place.url, place.product, scenario.sale, seed, path, by_the_copy=by_the_copy
        )
        _play(shopping, place, case)
        return _finished(shopping.history, place, path, written, ignored)


@dataclass(slots=True)
class _Field:
    """Where a run takes place."""

    url: str
    product: Path
    pipeline: PrivatePipeline | None = None

    def differing(self, within_s: float) -> int:
        """Articles whose copy is wrong when it has had so long to become right."""
        deadline_s = time.monotonic() + within_s
        while (differing := _differing(self)) and time.monotonic() < deadline_s:
            time.sleep(LOOK_EVERY_S)
        return differing

    def strike(self, case: Case) -> None:
        """Bring the fault about, when it is due, and be back when it is over."""
        assert self.pipeline is not None, "a fault befalls the parts of a pipeline"
        time.sleep(BEGIN_IN_S + case.at_s)
        broker, consumer = self.pipeline.broker, self.pipeline.parts["consumer"]
        if case.fault is Fault.CONSUMER_STOPPED:
            stopped = psutil.Process(consumer.pid)
            stopped.send_signal(signal.SIGSTOP)
            time.sleep(case.for_s)
            stopped.send_signal(signal.SIGCONT)
        elif case.fault is Fault.CONSUMER_KILLED:
            consumer.kill()
            time.sleep(case.for_s)
            consumer.start()
        else:
            assert case.fault is Fault.BROKER_KILLED, case.fault
            broker.kill()
            time.sleep(case.for_s)
            broker.restart()


@contextmanager
def _prepared(scenario: SyncLag, case: Case, folder: Path) -> Iterator[_Field]:
    """A source with its opening; for streaming a pipeline whose product has it, too."""
    with ExitStack() as stack:
        server = EmbeddedPostgresql(settings={"wal_level": "logical"})
        url = stack.enter_context(server).url
        open_source(url, scenario.sale)
        place = _Field(url, folder / "product.db")
        if case.path.kind is Kind.STREAMING:
            running = private_pipeline(SOURCE, place.url, place.product, RULES)
            place.pipeline = stack.enter_context(running)
            if place.differing(SETTLE_WITHIN_S):
                raise Problem(
                    f"the pipeline did not bring its snapshot within {SETTLE_WITHIN_S:g} s: see"
                    " what it said above"
                )
        yield place


def _play(shopping: Shopping, place: _Field, case: Case) -> None:
    with ThreadPoolExecutor(1) as pool:
        struck = pool.submit(place.strike, case) if case.fault else None
        shopping.play()
        if struck is not None:
            struck.result()


def _finished(
    history: History, place: _Field, path: Refreshing, written: int, ignored: int
) -> History:
    """What is to be known once everything has arrived."""
    history.read = path.read or len(history.changes)  # of a log, every change is read once
    path.rest()
    history.differing = place.differing(SETTLE_WITHIN_S)
    written_now, ignored_now = _counts(place.product)
    history.written, history.ignored = written_now - written, ignored_now - ignored
    return history


def _counts(product: Path) -> tuple[int, int]:
    """Changes that the product has applied, and those that it knew already."""
    with closing(Shelf(product)) as shelf:
        figures = shelf.figures()[SOURCE]
        return figures["applied"], figures["stale"]


def _differing(place: _Field) -> int:
    """A product's file that was made this moment may have no tables yet: then nothing is right."""
    if place.pipeline is not None:
        place.pipeline.check()
    try:
        return level(place.url, place.product)
    except sqlite3.OperationalError:
        return 1
