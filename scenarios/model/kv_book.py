"""The model's keys as the auditor's book."""

from __future__ import annotations

from inventory_core.domain import Cell, HoldState, Line
from inventory_core.steps.kv import counted_cell, parse_cell
from inventory_core.stores.audit import Book, BookedLine, BookedOrder
from scenarios.model.keyspace import Keyspace
from scenarios.model.wire import unwired


def book_of(keys: Keyspace) -> Book | None:
    """The book of the keys; None if nothing is counted or held."""
    remaining: dict[Cell, int] = {}
    orders: dict[str, BookedOrder] = {}
    journal: dict[str, tuple[Cell, int]] = {}
    for key, value in keys.values.items():
        kind, _, name = unwired(key).partition(":")
        if kind in ("cell", "part"):
            cell = counted_cell(unwired(key))
            remaining[cell] = remaining.get(cell, 0) + int(value)
        elif kind == "order":
            orders[name] = _booked(name, value)
        elif kind == "journal":
            for entry, text in value.items():
                delta, _, named = unwired(text).partition(" ")
                journal[unwired(entry)] = (parse_cell(named), int(delta))
    return Book("kv", remaining, orders, journal) if remaining or orders or journal else None


def _booked(number: str, entry: dict[str, str]) -> BookedOrder:
    state, generation = HoldState(entry["state"]), int(entry["gen"])
    lines = []
    for text in unwired(entry["lines"]).split("\n")[:-1]:
        cell, _, quantity = text.rpartition(" ")
        line = Line(counted_cell(cell), int(quantity))
        lines.append(BookedLine(generation, line, state))
    return BookedOrder(number, state, generation, entry["fp"], tuple(lines))
