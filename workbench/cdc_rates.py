"""How fast a pipeline is, how far behind, and what it does when its consumer is slow.

Lag is what a reader of the product sees. A probe, a row of its own, is set to the moment of its
writing many times a second; the lag is the age of the probe when its new value is first read. So it
holds the commit, the capture, the broker, the consumer and up to 2 ms until we look.
"""

from __future__ import annotations

import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from inventory_core.sync.cdc.state import CaptureState
from workbench.cdc_soak import Field, Soak, prepared
from workbench.cdc_writing import Writer, connected

LOOK_EVERY_S = 0.002
PROBE_EVERY_S = 0.02
DRAIN_WITHIN_S = 120.0
_PROBE = "SELECT total FROM product_stock WHERE sku = 'probe' AND place = 'mall'"
_APPLIED = "SELECT applied FROM source WHERE source = 'soak'"


@dataclass(frozen=True, slots=True)
class Rate:
    """What was reached. `asked_per_s` of nought: as fast as the writer could."""

    asked_per_s: float
    changes: int
    written_per_s: float
    applied_per_s: float
    lag_ms_p50: float
    lag_ms_p99: float
    samples: int


@dataclass(frozen=True, slots=True)
class Slow:
    """What a consumer that stood still did to the others, and how it caught up."""

    stopped_s: float
    written_per_s: float
    capture_mb_most: float
    consumer_mb_most: float
    broker_mb_most: float
    backlog_messages_most: int
    retained_mb_most: float
    waits: int  # of the capture, because the broker was full
    warned: bool
    catch_up_s: float
    catch_up_per_s: float


def rate(soak: Soak, folder: Path, per_s: float, seconds: float) -> Rate:
    """Write for so long at that rate (nought: as fast as possible), and watch the product."""
    with prepared(soak, folder) as place, _reading(place) as product, probing(place) as lags:
        before = _one(product, _APPLIED)
        begun_s = time.perf_counter()
        place.writer.changes = 0
        _write(place.writer, per_s, seconds)
        written_s = time.perf_counter() - begun_s
        _await(product, before + place.writer.changes)
        applied_s = time.perf_counter() - begun_s
        return Rate(
            asked_per_s=per_s,
            changes=place.writer.changes,
            written_per_s=place.writer.changes / written_s,
            applied_per_s=place.writer.changes / applied_s,
            lag_ms_p50=float(np.quantile(lags, 0.5)) * 1e3,
            lag_ms_p99=float(np.quantile(lags, 0.99)) * 1e3,
            samples=len(lags),
        )


def slow_consumer(soak: Soak, folder: Path, per_s: float, stopped_s: float) -> Slow:
    """Stop the consumer (SIGSTOP) while the source goes on, then let it catch up."""
    with prepared(soak, folder) as place, _reading(place) as product, _state(place) as state:
        before = _one(product, _APPLIED)
        place.writer.changes = 0
        seen = _Most(place, state)
        consumer = psutil.Process(place.parts["consumer"].pid)
        consumer.send_signal(signal.SIGSTOP)
        for _ in range(round(stopped_s)):
            _write(place.writer, per_s, 1.0)
            seen.look()
        behind = place.writer.changes
        consumer.send_signal(signal.SIGCONT)
        begun_s = time.perf_counter()
        _await(product, before + behind, seen.look)
        took_s = time.perf_counter() - begun_s
        return Slow(
            stopped_s=stopped_s,
            written_per_s=behind / stopped_s,
            capture_mb_most=seen.megabytes["capture"],
            consumer_mb_most=seen.megabytes["consumer"],
            broker_mb_most=seen.megabytes["broker"],
            backlog_messages_most=int(seen.most["backlog_messages"]),
            retained_mb_most=seen.most["retained_bytes"] / 1e6,
            waits=int(seen.most["broker_full_waits"]),
            warned=seen.most["retained_bytes"] > soak.warning_bytes,
            catch_up_s=took_s,
            catch_up_per_s=behind / took_s,
        )


class _Most:
    """The most that was seen of what has to stay bounded."""

    def __init__(self, place: Field, state: CaptureState) -> None:
        self._processes = {name: psutil.Process(part.pid) for name, part in place.parts.items()}
        self._processes["broker"] = psutil.Process(place.broker.pid)
        self._state = state
        self.most = dict.fromkeys(("backlog_messages", "retained_bytes", "broker_full_waits"), 0.0)
        self.megabytes = dict.fromkeys(("capture", "consumer", "broker"), 0.0)

    def look(self) -> None:
        """Look once."""
        noted = self._state.noted()
        for name in self.most:
            self.most[name] = max(self.most[name], noted.get(name, 0.0))
        for name, process in self._processes.items():
            self.megabytes[name] = max(self.megabytes[name], process.memory_info().rss / 1e6)


@contextmanager
def probing(place: Field) -> Iterator[list[float]]:
    """Set the probe and watch for it, each on a thread of its own; the lags in seconds."""
    lags: list[float] = []
    over = threading.Event()
    url = place.url
    with closing(connected(url)) as connection, closing(connection.cursor()) as cursor:
        cursor.execute("INSERT INTO shop.cell VALUES ('probe', 'mall', 0, 0)")
    place.settle()
    threads = [
        threading.Thread(target=_set_probe, args=(url, over)),
        threading.Thread(target=_watch_probe, args=(place.product, over, lags)),
    ]
    for thread in threads:
        thread.start()
    try:
        yield lags
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _set_probe(url: str, over: threading.Event) -> None:
    change = "UPDATE shop.cell SET sellable = %s, version = version + 1 WHERE sku = 'probe'"
    with closing(connected(url)) as connection, closing(connection.cursor()) as cursor:
        while not over.wait(PROBE_EVERY_S):
            cursor.execute(change, [time.time_ns() // 1_000])


def _watch_probe(product: Path, over: threading.Event, lags: list[float]) -> None:
    last = 0
    with closing(sqlite3.connect(product)) as connection:
        while not over.wait(LOOK_EVERY_S):
            found = _one(connection, _PROBE)
            if found != last:
                lags.append(time.time() - found / 1e6)
                last = found


def _write(writer: Writer, per_s: float, seconds: float) -> None:
    """Open loop: a transaction is due when the changes before it should be done."""
    begun_s, before = time.perf_counter(), writer.changes
    while (now_s := time.perf_counter() - begun_s) < seconds:
        ahead_s = (writer.changes - before) / per_s - now_s if per_s else 0.0
        if ahead_s > 0:
            time.sleep(min(ahead_s, seconds - now_s))
        else:
            writer.write()


def _await(product: sqlite3.Connection, applied: int, look: object = None) -> None:
    """Wait until the product has applied so many; probes count too, so it is never waited long."""
    deadline_s = time.monotonic() + DRAIN_WITHIN_S
    while _one(product, _APPLIED) < applied and time.monotonic() < deadline_s:
        time.sleep(0.01)
        if callable(look):
            look()


def _one(connection: sqlite3.Connection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


@contextmanager
def _reading(place: Field) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(place.product)) as connection:
        yield connection


@contextmanager
def _state(place: Field) -> Iterator[CaptureState]:
    with closing(CaptureState(place.folder / "data" / "capture.db", "soak")) as state:
        yield state
