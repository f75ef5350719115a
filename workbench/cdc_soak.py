"""A pipeline under fire: a writer, three parts that are killed at random, and an audit at rest.

    writer --> source --> capture --> broker --> consumer --> product
                           SIGKILL    SIGKILL     SIGKILL

Everything follows from a seed but the moment at which a signal strikes. `run` makes N changes while
each of the parts is killed so many times, waits until the product stands still, and audits it.
"""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from inventory_core.problems import Problem
from inventory_core.stores.embedded import (
    AppendFsync,
    EmbeddedMariadb,
    EmbeddedNats,
    EmbeddedPostgresql,
    EmbeddedRabbitmq,
    EmbeddedValkey,
)
from workbench.capturing_parts import PARTS, Part
from workbench.cdc_audit import Audit, audited, is_level
from workbench.cdc_writing import RULES, Writer

SETTLE_WITHIN_S = 120.0
LOOK_EVERY_S = 0.02
Broker = EmbeddedValkey | EmbeddedRabbitmq | EmbeddedNats
BROKERS: dict[str, Callable[[], Broker]] = {
    "valkey": partial(EmbeddedValkey, append_fsync=AppendFsync.ALWAYS),
    "nats": EmbeddedNats,
    "rabbitmq": partial(EmbeddedRabbitmq, ready_within_s=90.0),
}
MARIADB_SETTINGS = {
    "log-bin": "binlog",
    "binlog-format": "ROW",
    "binlog-row-image": "FULL",
    "binlog-row-metadata": "FULL",
    "server-id": "1",
    "sync-binlog": "1",
}


@dataclass(frozen=True, slots=True)
class Soak:
    """What is done. Source and broker are private servers, made for it and thrown away."""

    changes: int = 200_000
    kills: int = 5  # of each part
    seed: int = 1
    source: str = "postgresql"  # or mariadb
    broker: str = "valkey"  # or rabbitmq, nats
    warning_bytes: int = 1_000_000_000  # of log that the source keeps
    audited: bool = True
    rows_each: int = 20  # changed by a transaction of the writer


@dataclass(slots=True)
class Field:
    """Where a soak takes place: servers, parts, a writer."""

    soak: Soak
    url: str
    folder: Path
    writer: Writer
    parts: dict[str, Part]
    broker: Broker
    restarting: threading.Thread | None = None
    killed: dict[str, int] = field(default_factory=dict)

    @property
    def product(self) -> Path:
        """The product's file."""
        return self.folder / "product.db"

    def kill(self, name: str) -> None:
        """SIGKILL a part, and start it again."""
        self.killed[name] = self.killed.get(name, 0) + 1
        if name == "broker":
            self.broker_is_up()
            self.broker.kill()
            self.restarting = threading.Thread(target=self.broker.restart)
            self.restarting.start()
            return
        self.parts[name].kill()
        self.parts[name].start()

    def broker_is_up(self) -> None:
        """Wait until a broker that was killed is there again; the source goes on meanwhile."""
        if self.restarting is not None:
            self.restarting.join()

    def settle(self) -> float:
        """Wait until the product is what the source is; how long that took."""
        self.broker_is_up()
        rows = self.writer.rows()
        begun_s = time.monotonic()
        while not (self.product.exists() and _quietly(lambda: is_level(self.product, rows))):
            took_s = time.monotonic() - begun_s
            if took_s > SETTLE_WITHIN_S:
                return took_s  # the audit says what is wrong
            for part in self.parts.values():
                if not part.lives():
                    raise Problem("a part of the pipeline has ended: see what it said above")
            time.sleep(LOOK_EVERY_S)
        return time.monotonic() - begun_s


@contextmanager
def prepared(soak: Soak, folder: Path) -> Iterator[Field]:
    """Servers, tables, a running pipeline whose product has the first snapshot."""
    with ExitStack() as stack:
        url = _source(soak, stack)
        broker: Broker = BROKERS[soak.broker]()
        stack.enter_context(broker)
        writer = Writer(url, soak.seed, soak.rows_each)
        stack.callback(writer.close)
        writer.open()
        config = _written(folder, url, broker.url, soak.warning_bytes)
        words = ["cdc", "run", "--config", str(config), "--with-parent"]
        words += ["--audit"] if soak.audited else []
        parts = {name: Part([*words, "--only", name]) for name in PARTS}
        for part in parts.values():
            stack.callback(part.stop)
            part.start()
        place = Field(soak, url, folder, writer, parts, broker)
        place.settle()
        yield place


def run(soak: Soak, folder: Path) -> tuple[Audit, Field]:
    """Write, kill, settle, audit."""
    with prepared(soak, folder) as place:
        due = _schedule(soak, [*PARTS, "broker"])
        while place.writer.changes < soak.changes:
            place.writer.write()
            while due and due[-1][0] <= place.writer.changes:
                place.kill(due.pop()[1])
        place.settle()
        for part in place.parts.values():
            part.stop()
        return audited(place.product, place.writer.rows()), place


def _schedule(soak: Soak, names: list[str]) -> list[tuple[int, str]]:
    """When each part is killed, in changes written; the next one last."""
    dice = random.Random(soak.seed)
    due = [(dice.randrange(soak.changes), name) for name in names for _ in range(soak.kills)]
    return sorted(due, reverse=True)


def _source(soak: Soak, stack: ExitStack) -> str:
    if soak.source == "mariadb":
        return stack.enter_context(EmbeddedMariadb(settings=MARIADB_SETTINGS)).url
    return stack.enter_context(EmbeddedPostgresql(settings={"wal_level": "logical"})).url


def _written(folder: Path, url: str, broker: str, warning: int) -> Path:
    config = folder / "cdc.toml"
    product, data = folder / "product.db", folder / "data"
    config.write_text(
        f'name = "soak"\nsource = "{url}"\nbroker = "{broker}"\n'
        f'product = "{product}"\ndata = "{data}"\n'
        f"[limits]\nretained_warning_bytes = {warning}\n{RULES}"
    )
    return config


def _quietly(look: Callable[[], bool]) -> bool:
    """A product's file that was made this moment may have no tables yet."""
    try:
        return look()
    except sqlite3.OperationalError:
        return False
