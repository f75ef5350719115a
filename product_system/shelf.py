"""The product's stock: applies messages exactly once in effect, and answers what there is.

One transaction a batch: rows, totals (by triggers), dead letters and counts are committed together
or not at all. A row takes a change only if the change's version is greater than its own:

    (epoch, log, part) of the change > (epoch, log, part) of the row

so it makes no difference how often, or in which order, a change arrives.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from product_system import messages, schema
from product_system.messages import Message, Poison, Row

BUSY_S = 10.0
REFUSALS = (
    sqlite3.IntegrityError,
    sqlite3.DataError,
    sqlite3.InterfaceError,
    sqlite3.ProgrammingError,
    OverflowError,
)
"""What a row may do to the database. A file that is locked or a disk that is full is none of it."""

UPSERT = """
INSERT INTO source_row VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (source, table_name, row_key) DO UPDATE SET
    epoch = excluded.epoch, log = excluded.log, part = excluded.part,
    sku = coalesce(excluded.sku, sku), place = coalesce(excluded.place, place),
    units = excluded.units, version = excluded.version, gone = excluded.gone,
    committed_at_us = excluded.committed_at_us
WHERE (excluded.epoch, excluded.log, excluded.part) > (epoch, log, part)
"""
EMPTY = """
UPDATE source_row SET gone = 1, units = 0, version = NULL, epoch = ?1, log = ?2, part = ?3,
    committed_at_us = ?4
WHERE source = ?5 AND table_name = ?6 AND (epoch, log, part) < (?1, ?2, ?3)
"""


class CannotApply(Exception):
    """Nothing can be applied just now: the file is locked, or the disk is full. Try again."""


class CannotOpen(Exception):
    """The file cannot be used. Its text is one sentence that says what to do."""


@dataclass(slots=True)
class Applied:
    """What became of some messages."""

    applied: int = 0
    stale: int = 0
    dead: int = 0
    without_snapshot: bool = False
    committed_at_us: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Stock:
    """What there is of an article at a place, as of the newest change of it."""

    place: str
    total: int
    as_of_us: int


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A change that was set aside."""

    number: int
    source: str
    reason: str
    tries: int
    message: bytes


class Shelf:
    """The file; one process applies, any may read."""

    upsert = UPSERT

    def __init__(self, file: Path, *, audited: bool = False) -> None:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                file, timeout=BUSY_S, isolation_level=None, check_same_thread=False
            )
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "recursive_triggers=OFF"):
                self._connection.execute(f"PRAGMA {pragma}")
            self._connection.executescript(schema.TABLES + (schema.AUDIT if audited else ""))
        except (sqlite3.Error, OSError) as error:
            raise CannotOpen(
                f"{file} cannot be opened as a product's database ({error}): name another file"
            ) from None

    def apply(self, bodies: Sequence[bytes], tries: int = 1) -> Applied:
        """Apply them in their order, in one transaction; what fails is set aside."""
        done = Applied()
        with self._writing():
            for body in bodies:
                self._apply(body, tries, done)
        return done

    def stock(self, sku: str) -> list[Stock]:
        """What there is of an article, place by place."""
        found = self._connection.execute(
            "SELECT place, total, as_of_us FROM product_stock WHERE sku = ? ORDER BY place", [sku]
        )
        return [Stock(*row) for row in found]

    def dead_letters(self, most: int = 1_000) -> list[DeadLetter]:
        """What was set aside, oldest first."""
        found = self._connection.execute(
            "SELECT id, source, reason, tries, message FROM dead_letter ORDER BY id LIMIT ?", [most]
        )
        return [DeadLetter(*row) for row in found]

    def replay(self, tries: int = 1) -> Applied:
        """Try what was set aside once more; what fails again stays, with the new reason."""
        done = Applied()
        with self._writing():
            for letter in self.dead_letters():
                self._connection.execute("DELETE FROM dead_letter WHERE id = ?", [letter.number])
                self._apply(letter.message, letter.tries + tries, done)
        return done

    def figures(self) -> dict[str, dict[str, int]]:
        """How far this product is, source by source."""
        names = ["epoch", "complete", "messages", "applied", "stale"]
        names += ["committed_at_us", "applied_at_us"]
        found = self._connection.execute(f"SELECT source, {', '.join(names)} FROM source")
        return {source: dict(zip(names, row, strict=True)) for source, *row in found}

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            yield
            self._connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise CannotApply(str(error)) from error
        finally:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def _apply(self, body: bytes, tries: int, done: Applied) -> None:
        try:
            message = messages.message_of(body)
        except Poison as poison:
            self._set_aside("", body, str(poison), 1, done)
            return
        here = self._epoch_with(message)
        if here != message.epoch:
            # Of a newer epoch we missed the beginning; of an older one there is nothing to learn.
            done.without_snapshot |= message.epoch > here
            done.stale += len(message.changes)
            return
        before, rows = done.applied, []
        stale = done.stale
        for change in message.changes:
            try:
                if change[1] in (messages.PUT, messages.GONE):
                    rows.append(messages.row_of(message, change))
                    continue
            except (Poison, TypeError, IndexError) as poison:
                self._set_aside(message.source, message.alone(change), str(poison), 1, done)
                continue
            self._put(message, rows, tries, done)
            rows = []
            self._mark(message, change, done)
        self._put(message, rows, tries, done)
        self._count(message.source, done.applied - before, done.stale - stale, done)

    def _epoch_with(self, message: Message) -> int:
        """The epoch that we are in with this message, which may begin a newer one; 0 of none."""
        row = self._connection.execute(
            "SELECT epoch FROM source WHERE source = ?", [message.source]
        ).fetchone()
        here: int = row[0] if row else 0
        if message.epoch <= here or not message.begins:
            return here
        self._connection.execute(
            "INSERT INTO source (source, epoch, complete) VALUES (?, ?, 0)"
            " ON CONFLICT (source) DO UPDATE SET epoch = excluded.epoch, complete = 0",
            [message.source, message.epoch],
        )
        return message.epoch

    def _put(self, message: Message, rows: Sequence[Row], tries: int, done: Applied) -> None:
        """Put rows together; if the database refuses one of them, one by one."""
        try:
            self._put_together(rows, done)
        except REFUSALS:
            for row in rows:
                self._put_alone(message, row, tries, done)

    def _put_together(self, rows: Sequence[Row], done: Applied) -> None:
        if not rows:
            return
        self._connection.execute("SAVEPOINT together")
        try:
            changed = self._connection.executemany(self.upsert, rows).rowcount
        except REFUSALS:
            self._connection.execute("ROLLBACK TO together")
            raise
        finally:
            self._connection.execute("RELEASE together")
        done.applied += changed
        done.stale += len(rows) - changed
        done.committed_at_us.extend([row[-1] for row in rows])

    def _put_alone(self, message: Message, row: Row, tries: int, done: Applied) -> None:
        for left in reversed(range(tries)):
            try:
                self._put_together([row], done)
                return
            except REFUSALS as refusal:
                if not left:
                    body = message.alone(messages.change_of(row))
                    self._set_aside(message.source, body, str(refusal), tries, done)

    def _mark(self, message: Message, change: Any, done: Applied) -> None:
        """What is no change of one row."""
        try:
            table, operation, _, (log, part), at_us, _ = change
        except (ValueError, TypeError) as error:
            self._set_aside(message.source, message.alone(change), str(error), 1, done)
            return
        if operation == messages.EMPTIED:
            at = [message.epoch, log, part, at_us, message.source, table]
            done.applied += self._connection.execute(EMPTY, at).rowcount
        elif operation == messages.COMPLETE:
            self._complete(message)
        elif operation != messages.BEGUN:
            reason = f"nothing is known of a change that is called {operation!r}"
            self._set_aside(message.source, message.alone(change), reason, 1, done)

    def _complete(self, message: Message) -> None:
        """The snapshot has told every row: what it did not name is gone, and needs no version.

        Told again, or told late, it finds nothing to do.
        """
        self._connection.execute(
            "DELETE FROM source_row WHERE source = ? AND epoch < ?", [message.source, message.epoch]
        )
        self._connection.execute(
            "UPDATE source SET complete = 1 WHERE source = ? AND epoch = ?",
            [message.source, message.epoch],
        )

    def _set_aside(self, source: str, body: bytes, reason: str, tries: int, done: Applied) -> None:
        done.dead += 1
        self._connection.execute(
            "INSERT INTO dead_letter (source, message, reason, tries, first_at_us)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT (message) DO UPDATE SET"
            " reason = excluded.reason, tries = excluded.tries",
            [source, body, reason, tries, time.time_ns() // 1_000],
        )

    def _count(self, source: str, applied: int, stale: int, done: Applied) -> None:
        newest = done.committed_at_us[-1] if done.committed_at_us else 0
        self._connection.execute(
            "UPDATE source SET messages = messages + 1, applied = applied + ?, stale = stale + ?,"
            " committed_at_us = max(committed_at_us, ?), applied_at_us = ? WHERE source = ?",
            [applied, stale, newest, time.time_ns() // 1_000, source],
        )
