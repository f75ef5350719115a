"""Capturing a MariaDB: a consistent snapshot, then the row events of its binlog.

    START TRANSACTION WITH CONSISTENT SNAPSHOT --knows--> its place in the binlog --> the stream

The snapshot's place is the server's own answer (`binlog_snapshot_file` and `_position`), so there
is no gap, no row in both, and nobody is locked out. The client keeps its place itself: it
is noted with the capture's state, and the server keeps nothing for us.

A thread reads the binlog into a queue that holds few events, because the library that decodes it
blocks until there is one. When the queue is full, the thread waits, and with it the server.
"""

from __future__ import annotations

import queue
import secrets
import threading
import time
from collections.abc import Iterator

import pymysql.cursors

from inventory_core.stores.mariadb.address import options_of
from inventory_core.sync.cdc import mariadb_setup
from inventory_core.sync.cdc.capture import Retained
from inventory_core.sync.cdc.change import SNAPSHOT, Captured, Change, Operation
from inventory_core.sync.cdc.mariadb_events import Assembling, opened_reader, place_text
from inventory_core.sync.cdc.rules import Rules

ROWS = 2_000
EVENTS = 200
"""Events that wait in the queue; one holds at most a few thousand rows."""

Item = tuple[list[Change], str] | BaseException


class MariadbCapture:
    """One capture of one server."""

    def __init__(self, url: str, rules: Rules) -> None:
        self._url = url
        self._rules = rules
        self._asking = mariadb_setup.opened(url)
        self._position = ""
        self._over = threading.Event()
        self._queue: queue.Queue[Item] = queue.Queue(EVENTS)
        self._thread: threading.Thread | None = None
        try:
            with mariadb_setup.lost(url):
                mariadb_setup.check(self._asking, url)
                self._keys = mariadb_setup.keys_of(self._asking, rules)
        except BaseException:
            self._asking.close()
            raise

    def snapshot(self) -> Iterator[list[Change]]:
        """Read every watched row as of one place in the binlog."""
        with mariadb_setup.lost(self._url), self._asking.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
            cursor.execute("SHOW STATUS LIKE 'binlog_snapshot_%'")
            told = {name.lower(): value for name, value in cursor.fetchall()}
            file, place = told["binlog_snapshot_file"], told["binlog_snapshot_position"]
            self._position = place_text(file, int(place))
        for table in self._rules.tables:
            yield from self._rows(table)
        self._asking.rollback()

    def stream(self, position: str) -> str:
        """Read the binlog from there on, or from the snapshot's place."""
        self._position = position or self._position
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        return self._position

    def read(self, most: int, within_s: float) -> Captured:
        """Changes as they come; whatever has come is not made to wait for more."""
        until_s = time.monotonic() + within_s
        changes: list[Change] = []
        through = ""
        while len(changes) < most:
            wait_s = 0.0 if changes or through else until_s - time.monotonic()
            try:
                item = self._queue.get(wait_s > 0, max(wait_s, 1e-4))
            except queue.Empty:
                break
            if isinstance(item, BaseException):
                if changes:
                    self._queue.put(item)  # first what was read before it
                    break
                raise item
            changes.extend(item[0])
            through = item[1] or through
        return Captured(changes, through)

    def acknowledge(self, through: str) -> None:
        """The server does not ask; the state knows."""

    def stay(self) -> None:
        """The server's heartbeats are answered by nobody."""

    def retained(self) -> Retained | None:
        """A binlog is kept for nobody: it goes when its time has come, read or not."""
        return None

    def close(self) -> None:
        """Hang up; the thread ends with the next event or heartbeat."""
        self._over.set()
        while not self._queue.empty():
            self._queue.get_nowait()
        if self._thread is not None:
            self._thread.join(5.0)
        self._asking.close()

    def _rows(self, table: str) -> Iterator[list[Change]]:
        key = self._keys[table]
        names = sorted(self._rules.by_table[table].wanted | set(key))
        columns = ", ".join(f"CAST(`{name}` AS CHAR)" for name in names)
        schema, _, name = table.partition(".")
        at_us = time.time_ns() // 1_000
        with (
            mariadb_setup.lost(self._url),
            self._asking.cursor(pymysql.cursors.SSCursor) as cursor,
        ):
            cursor.execute(f"SELECT {columns} FROM `{schema}`.`{name}`")
            while rows := cursor.fetchmany(ROWS):
                told = [dict(zip(names, row, strict=True)) for row in rows]
                yield [
                    Change(table, Operation.PUT, tuple(each[n] for n in key), each, SNAPSHOT, at_us)
                    for each in told
                ]

    def _listen(self) -> None:
        """The thread: events into the queue, and in the end the reason why there are no more."""
        try:
            with mariadb_setup.lost(self._url):
                self._events()
        except BaseException as error:  # noqa: BLE001 - it is raised again where it is read
            self._put(error)

    def _events(self) -> None:
        settings = options_of(self._url)
        settings = {
            n: v
            for n, v in settings.items()
            if n in ("user", "password", "host", "port", "unix_socket")
        }
        if "unix_socket" in settings:
            settings["ssl_disabled"] = True
        server = secrets.randbelow(2**31 - 1_000) + 1_000  # a replica needs a number of its own
        reader = opened_reader(settings, server, self._position)
        assembling = Assembling(self._rules, self._keys)
        try:
            while not self._over.is_set():
                event = reader.fetchone()
                changes, through = assembling.told(event, reader.log_file)
                if changes or through:
                    self._put((changes, through))
        finally:
            reader.close()

    def _put(self, item: Item) -> None:
        while not self._over.is_set():
            try:
                self._queue.put(item, timeout=0.5)
            except queue.Full:
                continue
            break
