"""Rows of a long simulation: orders that have come to rest take 30 bytes each, and not 700.

A run of a million orders keeps a million holds and as many logs, in case one of them is sent again.
Here they are columns, by the serial number that demand gives to an order; whatever does not look
like such an order, and whatever was written since, is a row as it is anywhere else.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from inventory_core.stores.audit import Book, BookedOrder
from scenarios.demand import order_number, serial_of
from scenarios.model.rows import HoldRow, Log, RowKey, Rows, hold_key, log_key
from scenarios.model.sql_book import book_of, booked_lines

T = TypeVar("T")

ROWS = 65_536
"""So many rows may lie about before they are packed."""

_OURS = re.compile(r"o\d{8}").fullmatch
_BODY = 16  # bytes of a fingerprint
_TABLES = frozenset({"hold", "log"})


class Codes:
    """Values that repeat, as small numbers; 0 is none."""

    def __init__(self) -> None:
        self._values: list[Any] = [None]
        self._known: dict[Any, int] = {None: 0}

    def of(self, value: Any) -> int:
        """The number of a value."""
        found = self._known.get(value)
        if found is None:
            found = self._known[value] = len(self._values)
            self._values.append(value)
        return found

    def value(self, code: int) -> Any:
        """The value of a number."""
        return self._values[code]


class PackedRows(dict[RowKey, Any]):
    """Committed rows by key. What is in the dict itself counts before what is packed."""

    def __init__(self) -> None:
        super().__init__()
        self._kinds, self._logs = Codes(), Codes()
        self._kind, self._log = array("I"), array("I")  # by serial number; 0: there is none
        self._due_ms = array("q")
        self._bodies = bytearray()
        self._packed = 0
        self._others = 0  # rows that could not be packed when it was tried last

    # --------------------------------------------------------------------------------- as a dict

    def get(self, key: RowKey, default: T | None = None) -> Any:
        """The row, from wherever it lies."""
        row = dict.get(self, key)
        if row is None and self._packed and key[0] in _TABLES:
            row = self._unpacked(key)
        return default if row is None else row

    def __getitem__(self, key: RowKey) -> Any:
        row = self.get(key)
        if row is None:
            raise KeyError(key)
        return row

    def __contains__(self, key: object) -> bool:
        return isinstance(key, tuple) and self.get(key) is not None

    def pop(self, key: RowKey, default: Any = None) -> Any:
        """Delete a row."""
        row = self.get(key, default)
        dict.pop(self, key, None)
        place = self._place(key)
        if place >= 0:
            (self._kind if key[0] == "hold" else self._log)[place] = 0
        return row

    def __iter__(self) -> Iterator[RowKey]:
        yield from dict.__iter__(self)
        for place in range(len(self._kind)):
            number = order_number(place)
            for key, code in ((hold_key(number), self._kind), (log_key(number), self._log)):
                if code[place] and not dict.__contains__(self, key):
                    yield key

    def keys(self) -> Any:
        """Every key."""
        return iter(self)

    def items(self) -> Any:
        """Every key with its row."""
        return ((key, self[key]) for key in self)

    def __len__(self) -> int:
        return sum(1 for _ in self) if self._packed else dict.__len__(self)

    def __bool__(self) -> bool:
        return bool(self._packed or dict.__len__(self))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mapping) and dict(self.items()) == dict(other.items())

    __hash__ = None

    def book(self) -> Book | None:
        """The auditor's book of these rows, which may not change any more."""
        others = {key: row for key, row in dict.items(self) if key[0] not in _TABLES}
        return book_of(Rows(others), PackedOrders(self))

    # ---------------------------------------------------------------------------------- packing

    def pack_if_many(self) -> None:
        """Pack what lies about, if it is much."""
        if dict.__len__(self) >= self._others + ROWS:
            self.pack()
            self._others = dict.__len__(self)

    def pack(self) -> None:
        """Put orders that look like ours into columns."""
        ours = [key for key in dict.__iter__(self) if key[0] in _TABLES and _OURS(str(key[1]))]
        for key in ours:
            row = dict.__getitem__(self, key)
            place = serial_of(str(key[1]))
            if place >= len(self._kind):
                self._reach(place)
            if key[0] == "log":
                self._log[place] = self._logs.of(row)
            elif len(row.fingerprint) == 2 * _BODY:
                self._kind[place] = self._kinds.of((row.state, row.generation))
                self._due_ms[place] = row.due_ms
                self._bodies[_BODY * place : _BODY * (place + 1)] = bytes.fromhex(row.fingerprint)
            else:
                continue
            dict.__delitem__(self, key)
            self._packed += 1

    def _reach(self, place: int) -> None:
        missing = place + 1 - len(self._kind) + len(self._kind) // 8
        for column in (self._kind, self._log, self._due_ms):
            column.frombytes(bytes(missing * column.itemsize))
        self._bodies.extend(bytes(missing * _BODY))

    def _place(self, key: RowKey) -> int:
        """Where a row is packed; -1 if it cannot be."""
        number = str(key[1]) if key[0] in _TABLES else ""
        if len(number) != 9 or not _OURS(number):
            return -1
        place = serial_of(number)
        return place if place < len(self._kind) else -1

    def _unpacked(self, key: RowKey) -> Any:
        place = self._place(key)
        if place < 0:
            return None
        if key[0] == "log":
            return self._logs.value(self._log[place])
        return self._hold(place)

    def _hold(self, place: int) -> HoldRow | None:
        kind = self._kinds.value(self._kind[place])
        if kind is None:
            return None
        state, generation = kind
        body = self._bodies[_BODY * place : _BODY * (place + 1)].hex()
        return HoldRow(state, generation, body, self._due_ms[place])


class PackedOrders(Mapping[str, BookedOrder]):
    """The orders of a book, each made when it is asked for."""

    def __init__(self, rows: PackedRows) -> None:
        self._rows = rows
        self._count = -1

    def __getitem__(self, number: str) -> BookedOrder:
        row: HoldRow | None = self._rows.get(hold_key(number))
        if row is None:
            raise KeyError(number)
        log: Log = self._rows.get(log_key(number), ())
        lines = booked_lines(log)
        return BookedOrder(number, row.state, row.generation, row.fingerprint, lines)

    def __iter__(self) -> Iterator[str]:
        return (str(key[1]) for key in self._rows if key[0] == "hold")

    def __len__(self) -> int:
        if self._count < 0:
            self._count = sum(1 for _ in self)
        return self._count
