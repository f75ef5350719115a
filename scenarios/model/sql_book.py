"""The model's committed rows as the auditor's book."""

from __future__ import annotations

from collections.abc import Mapping

from inventory_core.domain import Cell
from inventory_core.records.engines import COUNTED
from inventory_core.stores.audit import Book, BookedLine, BookedOrder
from scenarios.model.rows import Log, Rows

_COUNTED = frozenset(kind.__name__ for kind in COUNTED)


def book_of(rows: Rows, kept: Mapping[str, BookedOrder] | None = None) -> Book | None:
    """The book of what is committed; None if nothing is. `kept`: the orders, if known already."""
    if not rows.by_key and not kept:
        return None
    remaining: dict[Cell, int] = {}
    orders: dict[str, BookedOrder] = {}
    journal: dict[str, tuple[Cell, int]] = {}
    pending: dict[Cell, int] = {}
    logs: dict[str, Log] = {}
    for key, row in rows.by_key.items():
        match key:
            case ("cell", str(sku), str(place)):
                cell = Cell(sku, place)
                remaining[cell] = remaining.get(cell, 0) + row.sellable
            case ("log", str(number)):
                logs[number] = row
            case ("journal", str(name)):
                journal[name] = (Cell(row.sku, row.place), row.delta)
            case ("task", _) if not row.done:
                cell = Cell(row.sku, row.place)
                pending[cell] = pending.get(cell, 0) + row.delta
            case (str(kind), *_) if kind in _COUNTED:
                cell = Cell(row.sku, row.place)
                units = sum(sign * getattr(row, field) for field, sign in row.UNITS)
                remaining[cell] = remaining.get(cell, 0) + units
    for key, row in rows.by_key.items():
        if key[0] == "hold":
            number = str(key[1])
            lines = booked_lines(logs.get(number, ()))
            orders[number] = BookedOrder(number, row.state, row.generation, row.fingerprint, lines)
    return Book("sql", remaining, orders if kept is None else kept, journal, pending)


def booked_lines(log: Log) -> tuple[BookedLine, ...]:
    """The lines of an order's log, as the auditor reads them."""
    return tuple(
        BookedLine(generation, row.as_line(), row.state)
        for generation, rows in enumerate(log, start=1)
        for row in rows
    )
