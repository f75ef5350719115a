"""Statements on holds and their deduction log: claim, find, lock, settle, reopen, refuse."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from inventory_core.domain import HoldState, Line, Order, Outcome
from inventory_core.steps import sql
from inventory_core.steps.errors import ConstraintBroken
from inventory_core.steps.sql import StoredOrder
from inventory_core.steps.step import Step
from scenarios.model.cell_statements import add
from scenarios.model.rows import HoldRow, Log, LogRow, hold_key, log_key
from scenarios.model.statement import Statement

_TOMBSTONE = HoldRow(HoldState.TOMBSTONE, 1, "", 0)


def _as_stored(here: Statement, row: HoldRow, fresh: bool) -> StoredOrder:
    overdue = row.due_ms <= here.now_ms
    return StoredOrder(fresh, row.state, row.generation, row.fingerprint, overdue)


def _held(here: Statement, order: Order) -> HoldRow:
    due_ms = here.now_ms + int(order.hold_s * 1000)
    return HoldRow(HoldState.HELD, 1, order.fingerprint, due_ms)


def _write_log(here: Statement, order: Order) -> None:
    held = HoldState.HELD
    lines = order.lines
    log = tuple(LogRow(line.cell.sku, line.cell.place, line.quantity, held) for line in lines)
    here.write_unseen(log_key(order.number, 1), log)


def _upsert(here: Statement, order_number: str, new: HoldRow) -> StoredOrder:
    """Insert a hold, or lock the one that is there (by writing it as it is) and read it."""
    key = hold_key(order_number)
    here.lock(key)
    row = here.newest(key)
    here.write(key, row or new)
    return _as_stored(here, row or new, fresh=row is None)


def _claim_order(here: Statement, step: sql.ClaimOrder) -> StoredOrder:
    stored = _upsert(here, step.order.number, _held(here, step.order))
    if stored.fresh:
        _write_log(here, step.order)
    return stored


def _bury(here: Statement, step: sql.Bury) -> StoredOrder:
    return _upsert(here, step.order_number, _TOMBSTONE)


def _find_order(here: Statement, step: sql.FindOrder) -> StoredOrder | None:
    row = here.see(hold_key(step.order_number))
    return row and _as_stored(here, row, fresh=False)


def _lock_order(here: Statement, step: sql.LockOrder) -> StoredOrder | None:
    row = here.target(hold_key(step.order_number))
    return row and _as_stored(here, row, fresh=False)


def _record_order(here: Statement, step: sql.RecordOrder) -> None:
    key = hold_key(step.order.number)
    here.lock(key)
    here.write(key, _held(here, step.order))
    _write_log(here, step.order)


def _read_log(here: Statement, step: sql.ReadLog) -> tuple[Line, ...]:
    hold = here.see(hold_key(step.order_number))
    for generation in range(hold.generation if hold else 0, 0, -1):
        log: Log | None = here.see(log_key(step.order_number, generation))
        if log:
            return tuple(row.as_line() for row in log)
    return ()


def _set_log_state(here: Statement, order_number: str, generation: int, state: HoldState) -> None:
    key = log_key(order_number, generation)
    log: Log | None = here.see(key)
    if log:
        here.write_unseen(key, tuple(row._replace(state=state) for row in log))


def _settle(here: Statement, step: sql.Settle) -> None:
    key = hold_key(step.order_number)
    row: HoldRow | None = here.target(key)
    if row is not None:
        generation = row.generation if step.generation is None else step.generation
        here.write(key, row._replace(state=step.state, generation=generation))
        _set_log_state(here, step.order_number, generation, step.state)


def _reopen(here: Statement, step: sql.Reopen) -> None:
    key, log = hold_key(step.order_number), log_key(step.order_number, step.generation)
    row: HoldRow | None = here.target(key)
    if row is None:
        return
    here.write(key, row._replace(state=step.state, generation=step.generation))
    first: Log | None = here.see(log_key(step.order_number, 1))
    if first:
        if here.see(log):
            raise ConstraintBroken
        here.write_unseen(log, tuple(line._replace(state=step.state) for line in first))


def _refuse(here: Statement, step: sql.Refuse) -> Outcome:
    for take in here.rows_left(step.taken):
        add(here, take.cell, take.quantity)
    key = hold_key(step.order.number)
    row: HoldRow | None = here.target(key)
    if row is not None:
        here.write(key, row._replace(state=HoldState.REFUSED))
        _set_log_state(here, step.order.number, row.generation, HoldState.REFUSED)
    return Outcome.REFUSED


def _due_holds(here: Statement, step: sql.DueHolds) -> tuple[str, ...]:
    rows = here.connection.snapshot or here.model.rows
    numbers = [str(key[1]) for key in (*rows.by_key, *here.connection.mine) if key[0] == "hold"]
    due = []
    for number in dict.fromkeys(numbers):
        row = here.see(hold_key(number))
        if row and row.state is HoldState.HELD and row.due_ms <= here.now_ms:
            due.append((row.due_ms, number))
    return tuple(number for _, number in sorted(due)[: step.limit])


PROGRAMS: Mapping[type[Step[Any]], Callable[[Statement, Any], Any]] = {
    sql.ClaimOrder: _claim_order,
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
