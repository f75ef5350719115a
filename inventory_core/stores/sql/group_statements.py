"""Statements on many orders at once: claim them, book them, or all of it in one.

Whoever claims several numbers claims them in their order, and locks cells in theirs, after all of
the numbers: groups that meet wait for each other in one direction.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import CTE, Select, case, cast, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import Insert, insert

from inventory_core.steps import sql
from inventory_core.stores.sql.encoding import nothing
from inventory_core.stores.sql.group_values import (
    all_stored,
    booked,
    holds_and_cells,
    holds_of,
    known,
)
from inventory_core.stores.sql.hold_statements import CLOCK, HELD, LOG_COLUMNS, REFUSED, or_lock
from inventory_core.stores.sql.statement import (
    NUMBER,
    NUMBERS,
    ONE,
    REALS,
    WORDS,
    ZERO,
    Fields,
    Statement,
    rows_from,
)
from inventory_core.stores.sql.tables import Tables

_HOLDS: dict[str, Any] = {
    **dict.fromkeys(("order_numbers", "fingerprints", "buyers"), WORDS),
    "holds_s": REALS,
}
_TAKEN = {"sku": "taken_skus", "place": "taken_places", "quantity": "taken_quantities"}
_TAKEN_FIELDS: dict[str, Any] = {
    **dict.fromkeys(("taken_skus", "taken_places"), WORDS),
    "taken_quantities": NUMBERS,
}


def group_statements(tables: Tables) -> dict[type[Any], Statement]:
    """Every statement on a group of orders."""
    return {
        sql.ClaimHolds: _claim_holds(tables),
        sql.ClaimAndTakeAll: _claim_and_take_all(tables),
        sql.BookOrders: _book_orders(tables),
    }


def _new_holds(tables: Tables, fields: Fields, *conditions: Any) -> Insert:
    """The rows of an INSERT are written, and answered, in the order of its SELECT."""
    named = {"order_number": "order_numbers", "fingerprint": "fingerprints"}
    row = rows_from(fields, **named, buyer="buyers", hold_s="holds_s").c
    due_at = CLOCK + row.hold_s * literal_column("interval '1 second'")
    picked = select(row.order_number, HELD, ONE, row.fingerprint, row.buyer, due_at, ONE)
    names = ["order_number", "state", "generation", "fingerprint", "buyer", "due_at", "attempts"]
    return insert(tables.hold).from_select(names, picked.where(*conditions).order_by(row.line))


def _claim_holds(tables: Tables) -> Statement:
    logged = {"number": "numbers", "nth": "lines", "sku": "skus", "place": "places"}
    words = dict.fromkeys(("skus", "places"), WORDS)
    fields = Fields(**_HOLDS, numbers=WORDS, lines=NUMBERS, **words, quantities=NUMBERS)
    new = _new_holds(tables, fields)
    claimed = or_lock(tables, new, tables.hold.c.order_number).cte("claimed")
    line = rows_from(fields, **logged, quantity="quantities").c
    rows = select(line.number, ONE, line.nth, line.sku, line.place, line.quantity, HELD)
    fresh = (line.number == claimed.c.order_number, claimed.c.attempts == ONE)
    log = insert(tables.deduction_log).from_select(LOG_COLUMNS, rows.where(*fresh)).cte("logged")
    answered = [column for column in claimed.c if column.name != "order_number"]
    clause = select(*answered).add_cte(log)
    return fields.statement(sql.ClaimHolds, clause, holds_of, all_stored)


def _claim_and_take_all(tables: Tables) -> Statement:
    """A look at the counters, then holds, logs of the fresh, and what these get of each cell.

    Each part waits for the one before: the counters, which everybody wants, are locked last. Too
    little for all of them at the look divides by zero; too little later breaks the counter's check.
    """
    numbered: dict[str, Any] = {
        "numbers": WORDS,
        "lines": NUMBERS,
        "cells": NUMBERS,
        "quantities": NUMBERS,
    }
    fields = Fields(**_HOLDS, **numbered, **_TAKEN_FIELDS)
    asked = select(rows_from(fields, **_TAKEN)).cte("asked_of")
    new = _new_holds(tables, fields, _plenty(tables, fields, asked))
    claimed = or_lock(tables, new, tables.hold.c.order_number).cte("claimed")
    line = rows_from(fields, number="numbers", nth="lines", cell="cells", quantity="quantities").c
    its_own = (line.number == claimed.c.order_number, claimed.c.attempts == ONE)
    fresh = (
        select(line.number, line.nth, asked.c.sku, asked.c.place, line.quantity)
        .where(*its_own, asked.c.line == line.cell)
        .cte("fresh")
    )
    row = fresh.c
    rows = select(row.number, ONE, row.nth, row.sku, row.place, row.quantity, HELD)
    logged = insert(tables.deduction_log).from_select(LOG_COLUMNS, rows).returning(ONE)
    locked = _locked(tables, fresh, logged.cte("logged"))
    took = _take(tables, locked.cte("locked").c).cte("took")
    answered = [column for column in claimed.c if column.name not in ("attempts", "order_number")]
    clause = select(*answered, claimed.c.order_number).where(claimed.c.attempts != ONE)
    return fields.statement(sql.ClaimAndTakeAll, clause.add_cte(took), holds_and_cells, known)


def _plenty(tables: Tables, fields: Fields, asked: CTE) -> Any:
    """Has every cell enough for everybody, as the statement sees it? If not, it fails."""
    cell = tables.cell.c
    here = (cell.sku == asked.c.sku, cell.place == asked.c.place)
    found = select(func.count()).where(*here, cell.sellable >= asked.c.quantity)
    every = found.scalar_subquery() == func.cardinality(fields["taken_skus"])
    return ONE / case((every, ONE), else_=ZERO) == ONE


def _locked(tables: Tables, fresh: CTE, logged: CTE) -> Select[Any]:
    """What fresh lines get of each cell, added up; the cells locked in their order."""
    cell, written = tables.cell.c, select(func.count()).select_from(logged).scalar_subquery()
    units = cast(func.sum(fresh.c.quantity), NUMBER)  # the sum of these would be `numeric`
    gets = select(fresh.c.sku, fresh.c.place, units.label("quantity"))
    get = gets.group_by(fresh.c.sku, fresh.c.place).subquery("gets").c
    return (
        select(cell.sku, cell.place, get.quantity)
        .where(written != ZERO, cell.sku == get.sku, cell.place == get.place)
        .order_by(cell.sku, cell.place)
        .with_for_update(of=tables.cell)
    )


def _take(tables: Tables, gone: Any) -> Any:
    """Take units of cells, by rows of article, place and quantity."""
    cell = tables.cell
    return (
        update(cell)
        .where(cell.c.sku == gone.sku, cell.c.place == gone.place)
        .values(sellable=cell.c.sellable - gone.quantity, version=cell.c.version + ONE)
    )


def _book_orders(tables: Tables) -> Statement:
    """Counters, then holds and log rows of those that are refused."""
    fields = Fields(**_TAKEN_FIELDS, refused=WORDS)
    hold, log = tables.hold, tables.deduction_log
    took = _take(tables, rows_from(fields, **_TAKEN).c)
    refused = func.any(fields["refused"])
    refused_holds = update(hold).where(hold.c.order_number == refused).values(state=REFUSED)
    clause = update(log).where(log.c.order_number == refused).values(state=REFUSED)
    clause = clause.add_cte(took.cte("took"), refused_holds.cte("refused"))
    return fields.statement(sql.BookOrders, clause, booked, nothing)
