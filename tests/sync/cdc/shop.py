"""A source with one table of cells, and what the tests do with it and its pipeline."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from inventory_core.stores.sql.address import connect
from inventory_core.sync.cdc import postgresql_setup
from inventory_core.sync.cdc.broker import Broker, open_broker
from inventory_core.sync.cdc.change import Change
from inventory_core.sync.cdc.consumer import Consumer
from inventory_core.sync.cdc.errors import SourceLost
from inventory_core.sync.cdc.lag import CaptureFigures, ConsumerFigures
from inventory_core.sync.cdc.limits import PipelineLimits
from inventory_core.sync.cdc.postgresql_capture import PostgresqlCapture
from inventory_core.sync.cdc.relay import Relay
from inventory_core.sync.cdc.rules import Rules, rules_of
from inventory_core.sync.cdc.state import CaptureState
from product_system.shelf import Shelf

LIMITS = PipelineLimits(idle_s=0.02, look_every_s=0.0, full_pause_s=0.001)
WARN_BYTES = 10**12
FREE_WITHIN_S = 20.0
QUIET_S = 2.0


class Shop:
    """`cell` in a schema of its own: tea 10 and cup 4 at the mall."""

    def __init__(self, url: str, broker_url: str, folder: Path, name: str) -> None:
        self.url = url
        self.broker_url = broker_url
        self.folder = folder
        self.name = name
        self.table = f"{name}.cell"
        self._connection = connect(url)
        self._open: list[Any] = []

    def make(self) -> None:
        self.run(f"CREATE SCHEMA {self.name}")
        self.run(
            f"CREATE TABLE {self.table} (sku text, place text, sellable bigint, version bigint,"
            " PRIMARY KEY (sku, place))"
        )
        self.run(f"INSERT INTO {self.table} VALUES ('tea', 'mall', 10, 0), ('cup', 'mall', 4, 0)")

    def run(self, command: str) -> None:
        self._connection.execute(command.encode())

    def sell(self, sku: str = "tea", units: int = 1) -> None:
        self.run(
            f"UPDATE {self.table} SET sellable = sellable - {units}, version = version + 1"
            f" WHERE sku = '{sku}'"
        )

    def cells(self) -> dict[str, int]:
        rows = self._connection.execute(f"SELECT sku, sellable FROM {self.table}".encode())
        return dict(rows.fetchall())

    def rows(self) -> set[tuple[str, str, int]]:
        """As the audit wants them."""
        return {(self.table, f'["{sku}", "mall"]', n) for sku, n in self.cells().items()}

    def rules(self, **more: Any) -> Rules:
        return rules_of([{"name": self.table, **more}])

    def capture(
        self, rules: Rules | None = None, warn_bytes: int = WARN_BYTES
    ) -> PostgresqlCapture:
        return self._kept(PostgresqlCapture(self.url, self.name, rules or self.rules(), warn_bytes))

    def state(self) -> CaptureState:
        return self._kept(CaptureState(self.folder / "capture.db", self.name))

    def broker(self, limits: PipelineLimits = LIMITS) -> Broker:
        return self._kept(open_broker(self.broker_url, self.name, "product", limits))

    def relay(
        self,
        kind: type[Relay] = Relay,
        *,
        rules: Rules | None = None,
        broker: Broker | None = None,
        turns: int = 20,
        limits: PipelineLimits = LIMITS,
    ) -> Relay:
        """A relay that stops by itself after so many turns."""
        left = iter(range(turns))
        return kind(
            self.name,
            self.capture(rules),
            rules or self.rules(),
            broker or self.broker(),
            self.state(),
            limits,
            CaptureFigures(),
            lambda: next(left, None) is not None,
        )

    def shelf(self, kind: type[Shelf] = Shelf, name: str = "product.db") -> Shelf:
        return self._kept(kind(self.folder / name, audited=True))

    def consume(
        self, shelf: Shelf, broker: Broker | None = None, ask: Callable[[], None] = lambda: None
    ) -> None:
        """Until nothing has come for a moment."""
        consumer = Consumer(broker or self.broker(), shelf, LIMITS, ConsumerFigures(), ask)
        while consumer.turn():
            pass

    def hang_up(self) -> None:
        """Close everything that was opened, as a death would."""
        while self._open:
            self._open.pop().close()

    def drop_slot(self) -> None:
        """As somebody does who finds a slot that nobody reads."""
        names = postgresql_setup.Names.of(self.name)
        with closing(postgresql_setup.opened(self.url)) as connection:
            once_free(lambda: postgresql_setup.drop_slot(connection, names))

    def close(self) -> None:
        self.hang_up()
        self._connection.close()

    def _kept(self, thing: Any) -> Any:
        self._open.append(thing)
        return thing


def once_free(drop: Callable[[], None]) -> None:
    """The server finds out by itself, a moment later, that who read the slot has hung up."""
    deadline_s = time.monotonic() + FREE_WITHIN_S
    while True:
        try:
            return drop()
        except SourceLost:
            if time.monotonic() > deadline_s:
                raise
            time.sleep(0.05)


def read_all(capture: PostgresqlCapture, most: int = 1_000) -> list[Change]:
    """Everything that has been committed until now: then the log is quiet for a while.

    A read may bring nothing and still not be the last: a busy server takes its time.
    """
    changes: list[Change] = []
    quiet_since_s = time.monotonic()
    while time.monotonic() - quiet_since_s < QUIET_S:
        if found := capture.read(most, 0.1).changes:
            changes.extend(found)
            quiet_since_s = time.monotonic()
    return changes


def totals(shelf: Shelf, *skus: str) -> dict[str, int]:
    return {sku: sum(each.total for each in shelf.stock(sku)) for sku in skus}
