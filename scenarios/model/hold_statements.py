"""Statements on holds and their deduction log: claim, find, lock, settle, reopen, refuse."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from inventory_core.domain import HoldState, Line, Order, Outcome, add_up
from inventory_core.steps import sql
from inventory_core.steps.errors import ConstraintBroken
from inventory_core.steps.sql import StoredOrder
from inventory_core.steps.step import Step
from scenarios.model.cell_statements import add, put
from scenarios.model.rows import HoldRow, Log, LogRow, cell_key, hold_key, log_key
from scenarios.model.statement import Statement

_TOMBSTONE = HoldRow(HoldState.TOMBSTONE, 1, "", 0)


def _as_stored(here: Statement, row: HoldRow, fresh: bool) -> StoredOrder:
    overdue = row.due_ms <= here.now_ms
    return StoredOrder(fresh, row.state, row.generation, row.fingerprint, overdue)


def _held(here: Statement, order: Order, state: HoldState = HoldState.HELD) -> HoldRow:
    due_ms = here.now_ms + int(order.hold_s * 1000)
    if due_ms < here.model.first_due_ms:
        here.model.first_due_ms = due_ms
    return HoldRow(state, 1, order.fingerprint, due_ms)


def _log(here: Statement, order_number: str) -> Log:
    log: Log | None = here.find(log_key(order_number))
    return log or ()


def _with_generation(log: Log, generation: int, rows: tuple[LogRow, ...]) -> Log:
    """The log with the rows of one generation put in."""
    if generation == len(log) == 1:
        return (rows,)
    full = log + ((),) * (generation - len(log))
    return (*full[: generation - 1], rows, *full[generation:])


def _as_held(order: Order, state: HoldState = HoldState.HELD) -> tuple[LogRow, ...]:
    return tuple([LogRow(x.cell.sku, x.cell.place, x.quantity, state) for x in order.lines])


def _upsert(here: Statement, order_number: str, new: HoldRow) -> StoredOrder:
    """Insert a hold, or lock the one that is there (by writing it as it is) and read it."""
    key = hold_key(order_number)
    here.lock(key)
    row = here.newest(key)
    here.write(key, row or new)
    return _as_stored(here, row or new, fresh=row is None)


def _claim(here: Statement, order: Order, state: HoldState) -> StoredOrder:
    stored = _upsert(here, order.number, _held(here, order, state))
    if stored.fresh:
        here.write_unseen(log_key(order.number), (_as_held(order, state),))
    return stored


def _claim_order(here: Statement, step: sql.ClaimOrder) -> StoredOrder:
    return _claim(here, step.order, HoldState.HELD)


def _claim_refused(here: Statement, step: sql.ClaimRefused) -> StoredOrder:
    return _claim(here, step.order, HoldState.REFUSED)


def _claim_and_take(here: Statement, step: sql.ClaimAndTake) -> StoredOrder:
    """The rows are locked one after the other, and judged and written when all of them are."""
    order = step.order
    stored, enough = here.noted(lambda: (_claim(here, order, HoldState.HELD), True))
    if not stored.fresh:
        return stored
    for take in here.rows_left(order.takes):
        row = here.target(cell_key(take.cell))
        enough = enough and row is not None and row.sellable >= take.quantity
        here.connection.notes = stored, enough
    if not enough:
        raise ConstraintBroken
    for take in order.takes:
        row = here.newest(cell_key(take.cell))
        put(here, take.cell, row, row.sellable - take.quantity)
    return stored


def _claim_holds(here: Statement, step: sql.ClaimHolds) -> tuple[StoredOrder, ...]:
    claimed: tuple[StoredOrder, ...] = here.noted(tuple)
    for order in here.rows_left(step.orders):
        stored = _claim(here, order, HoldState.HELD)
        claimed = here.connection.notes = (*claimed, stored)
    return claimed


def _claim_and_take_all(
    here: Statement, step: sql.ClaimAndTakeAll
) -> tuple[tuple[str, StoredOrder], ...]:
    """The orders, then the cells of the fresh ones; before that, a look at the cells, or none."""
    known: tuple[tuple[str, StoredOrder], ...] = here.noted(lambda: _looked_at(here, step.orders))
    for order in here.rows_left(step.orders):
        stored = _claim(here, order, HoldState.HELD)
        if not stored.fresh:
            known = here.connection.notes = (*known, (order.number, stored))
    numbers = {number for number, _ in known}
    takes = _takes_of([order for order in step.orders if order.number not in numbers])
    rows: tuple[Any, ...] = (*step.orders, *takes)  # one after the other; the orders are done
    for take in here.rows_left(rows):
        here.target(cell_key(take.cell))
    for take in takes:
        row = here.newest(cell_key(take.cell))
        if row is None or row.sellable < take.quantity:
            raise ConstraintBroken
        put(here, take.cell, row, row.sellable - take.quantity)
    return known


def _looked_at(here: Statement, orders: Iterable[Order]) -> tuple[()]:
    """Has every cell enough for all of them? Not every database is asked."""
    for take in _takes_of(orders) if here.looks_first else ():
        row = here.see(cell_key(take.cell))
        if row is None or row.sellable < take.quantity:
            raise ConstraintBroken
    return ()


def _takes_of(orders: Iterable[Order]) -> tuple[Line, ...]:
    return add_up(line for order in orders for line in order.lines)


def _book_orders(here: Statement, step: sql.BookOrders) -> None:
    for take in step.taken:
        add(here, take.cell, -take.quantity)
    for number in sorted(step.refused):
        _write_states(here, number, HoldState.REFUSED)


def _bury(here: Statement, step: sql.Bury) -> StoredOrder:
    return _upsert(here, step.order_number, _TOMBSTONE)


def _find_order(here: Statement, step: sql.FindOrder) -> StoredOrder | None:
    row = here.see(hold_key(step.order_number))
    return row and _as_stored(here, row, fresh=False)


def _lock_order(here: Statement, step: sql.LockOrder) -> StoredOrder | None:
    row = here.target(hold_key(step.order_number))
    return row and _as_stored(here, row, fresh=False)


def _record_order(here: Statement, step: sql.RecordOrder) -> None:
    """Surplus lines of another body go, but for those that came while this statement waited."""
    key, number = hold_key(step.order.number), step.order.number
    seen = here.as_begun(lambda: _sizes(here, number))
    here.lock(key)
    here.write(key, _held(here, step.order))
    log, rows = here.newest(log_key(number)) or (), _as_held(step.order)
    unseen = log[0][max(len(rows), seen[0] if seen else 0) :] if log else ()
    here.write_unseen(log_key(number), _with_generation(log, 1, (*rows, *unseen)))


def _read_log(here: Statement, step: sql.ReadLog) -> tuple[Line, ...]:
    log: Log = here.see(log_key(step.order_number)) or ()
    newest = next((rows for rows in reversed(log) if rows), ())
    return tuple(row.as_line() for row in newest)


def _sizes(here: Statement, order_number: str) -> tuple[int, ...]:
    """How many lines of each generation a statement sees."""
    return tuple([len(rows) for rows in _log(here, order_number)])


def _write_states(
    here: Statement, order_number: str, state: HoldState, raised: int | None = None
) -> None:
    """Set the state of a hold, and of those log rows of its generation that this statement sees."""
    seen = here.as_begun(lambda: _sizes(here, order_number))
    row: HoldRow | None = here.target(hold_key(order_number))
    if row is None:
        return
    generation = row.generation if raised is None else raised
    after = HoldRow(state, generation, row.fingerprint, row.due_ms)
    here.write(hold_key(order_number), after)
    if generation <= len(seen) and seen[generation - 1]:
        log: Log = here.newest(log_key(order_number))
        lines = log[generation - 1]
        rows = tuple([LogRow(x.sku, x.place, x.quantity, state) for x in lines])
        here.write_unseen(log_key(order_number), _with_generation(log, generation, rows))


def _settle(here: Statement, step: sql.Settle) -> None:
    _write_states(here, step.order_number, step.state, step.generation)


def _reopen(here: Statement, step: sql.Reopen) -> None:
    number, generation = step.order_number, step.generation
    first = here.as_begun(lambda: _log(here, number)[:1])
    row: HoldRow | None = here.target(hold_key(number))
    if row is None:
        return
    here.write(hold_key(number), row._replace(state=step.state, generation=generation))
    log: Log = here.newest(log_key(number)) or ()
    if first and first[0]:
        if generation <= len(log) and log[generation - 1]:
            raise ConstraintBroken
        again = tuple(line._replace(state=step.state) for line in first[0])
        here.write_unseen(log_key(number), _with_generation(log, generation, again))


def _refuse(here: Statement, step: sql.Refuse) -> Outcome:
    _write_states(here, step.order.number, HoldState.REFUSED)
    for take in here.rows_left(step.taken):
        add(here, take.cell, take.quantity)
    return Outcome.REFUSED


def _due_holds(here: Statement, step: sql.DueHolds) -> tuple[str, ...]:
    rows = here.scanned("hold")  # which may open a snapshot and lock what is not found
    if here.now_ms < here.model.first_due_ms:
        return ()  # a long simulation would look through a million rows, in vain
    numbers = [str(key[1]) for key in (*rows.by_key, *here.connection.mine) if key[0] == "hold"]
    due = []
    for number in dict.fromkeys(numbers):
        row = here.see(hold_key(number))
        if row and row.state is HoldState.HELD and row.due_ms <= here.now_ms:
            due.append((row.due_ms, number))
    return tuple(number for _, number in sorted(due)[: step.limit])


PROGRAMS: Mapping[type[Step[Any]], Callable[[Statement, Any], Any]] = {
    sql.ClaimOrder: _claim_order,
    sql.ClaimAndTake: _claim_and_take,
    sql.ClaimRefused: _claim_refused,
    sql.ClaimHolds: _claim_holds,
    sql.ClaimAndTakeAll: _claim_and_take_all,
    sql.BookOrders: _book_orders,
    sql.Bury: _bury,
    sql.FindOrder: _find_order,
    sql.LockOrder: _lock_order,
    sql.RecordOrder: _record_order,
    sql.ReadLog: _read_log,
    sql.Settle: _settle,
    sql.Reopen: _reopen,
    sql.Refuse: _refuse,
    sql.DueHolds: _due_holds,
}
"""How each statement on a hold is carried out."""
