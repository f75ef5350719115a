"""Steps on an order's hold and its log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import Any

from inventory_core.domain import Cell, HoldState, Line, Order, Outcome, add_up
from inventory_core.steps import sql
from inventory_core.steps.errors import ConstraintBroken
from inventory_core.steps.sql import StoredOrder
from inventory_core.steps.step import Step
from inventory_core.stores.mariadb.cells import give_back, read_cell
from inventory_core.stores.mariadb.tasks import insert_all

READ = "state, generation, fingerprint, COALESCE(due_at <= SYSDATE(6), 1), attempts"
LOG = "order_number, generation, line, sku, place, quantity, state"
_UPSERT = """INSERT INTO hold
    (order_number, state, generation, fingerprint, buyer, due_at, attempts)
    VALUES (%s, %s, 1, %s, %s, SYSDATE(6) + INTERVAL %s MICROSECOND, 1)
    ON DUPLICATE KEY UPDATE """
_OVER = """state = VALUES(state), generation = 1, fingerprint = VALUES(fingerprint),
    buyer = VALUES(buyer), due_at = VALUES(due_at), attempts = attempts + 1"""


def _hold(part: Any, number: str, locking: str = "") -> tuple[Any, ...] | None:
    found = part.say(f"SELECT {READ} FROM hold WHERE order_number = %s{locking}", number)[1]
    return found[0] if found else None


def _stored(row: tuple[Any, ...] | None, upserted: bool = False) -> StoredOrder | None:
    if row is None:
        return None
    state, generation, fingerprint, overdue, attempts = row
    fresh = upserted and attempts == 1
    return StoredOrder(fresh, HoldState(state), generation, fingerprint, bool(overdue))


def _new(order: Order, state: HoldState = HoldState.HELD) -> tuple[Any, ...]:
    who = order.number, state.value, order.fingerprint, order.buyer
    return (*who, round(order.hold_s * 1_000_000))


def _or_lock(part: Any, new: tuple[Any, ...]) -> Any:
    """Insert the hold, or lock the one that is there (after waiting for it); answer with it."""
    part.say(_UPSERT + "attempts = attempts + 1", *new)
    return _stored(_hold(part, new[0], " FOR UPDATE"), upserted=True)


def _log_of(order: Order, state: HoldState) -> list[tuple[Any, ...]]:
    return [
        (order.number, 1, at, line.cell.sku, line.cell.place, line.quantity, state.value)
        for at, line in enumerate(order.lines, 1)
    ]


def _claim(part: Any, order: Order, state: HoldState) -> Any:
    stored = _or_lock(part, _new(order, state))
    if stored.fresh:
        insert_all(part, "deduction_log", LOG, _log_of(order, state))
    return stored


def _claim_and_take(part: Any, step: sql.ClaimAndTake) -> Any:
    """MariaDB has no statement for it: several, in the same order of locks."""
    stored = _claim(part, step.order, HoldState.HELD)
    if stored.fresh:
        takes = step.order.takes
        rows = [read_cell(part, take.cell, " FOR UPDATE") for take in takes]
        if any(row.sellable < take.quantity for row, take in zip(rows, takes, strict=True)):
            raise ConstraintBroken
        for take in takes:
            give_back(part, take.cell, -take.quantity)
    return stored


def _claim_holds(part: Any, step: sql.ClaimHolds | sql.ClaimAndTakeAll) -> Any:
    assert all(a.number < b.number for a, b in pairwise(step.orders)), "sort, and only once"
    return tuple(_claim(part, order, HoldState.HELD) for order in step.orders)


def _claim_and_take_all(part: Any, step: sql.ClaimAndTakeAll) -> Any:
    """As `_claim_and_take`. No look before the claims: it would open a snapshot, and go stale."""
    claims = zip(step.orders, _claim_holds(part, step), strict=True)
    known: list[tuple[str, StoredOrder]] = []
    lines: list[Line] = []
    for order, stored in claims:
        if stored.fresh:
            lines += order.lines
        else:
            known.append((order.number, stored))
    takes = add_up(lines)
    rows = [read_cell(part, take.cell, " FOR UPDATE") for take in takes]
    if any(row.sellable < take.quantity for row, take in zip(rows, takes, strict=True)):
        raise ConstraintBroken
    for take in takes:
        give_back(part, take.cell, -take.quantity)
    return tuple(known)


def _book(part: Any, step: sql.BookOrders) -> None:
    for line in step.taken:
        give_back(part, line.cell, -line.quantity)
    for number in sorted(step.refused):
        _write_states(part, number, HoldState.REFUSED)


def _bury(part: Any, step: sql.Bury) -> Any:
    return _or_lock(part, (step.order_number, HoldState.TOMBSTONE.value, "", "", None))


def _record(part: Any, step: sql.RecordOrder) -> None:
    order = step.order
    part.say(_UPSERT + _OVER, *_new(order))
    part.say("DELETE FROM deduction_log WHERE order_number = %s AND generation = 1", order.number)
    insert_all(part, "deduction_log", LOG, _log_of(order, HoldState.HELD))


def _read_log(part: Any, step: sql.ReadLog) -> tuple[Line, ...]:
    text = """SELECT sku, place, quantity FROM deduction_log WHERE order_number = %s
              AND generation = (SELECT MAX(generation) FROM deduction_log WHERE order_number = %s)
              ORDER BY line"""
    found: Iterable[Any] = part.say(text, step.order_number, step.order_number)[1]
    return tuple(Line(Cell(sku, place), quantity) for sku, place, quantity in found)


def _write_states(part: Any, number: str, state: HoldState, generation: int | None = None) -> None:
    part.say(
        """UPDATE hold SET state = %s, generation = COALESCE(%s, generation)
           WHERE order_number = %s""",
        *(state.value, generation, number),
    )
    row = _hold(part, number, " FOR UPDATE")
    if row is not None:
        part.say(
            "UPDATE deduction_log SET state = %s WHERE order_number = %s AND generation = %s",
            *(state.value, number, row[1]),
        )


def _reopen(part: Any, step: sql.Reopen) -> None:
    state, raised = step.state.value, step.generation
    text = "UPDATE hold SET generation = %s, state = %s WHERE order_number = %s"
    if part.say(text, raised, state, step.order_number)[0]:
        part.say(
            f"""INSERT INTO deduction_log ({LOG})
                SELECT order_number, %s, line, sku, place, quantity, %s FROM deduction_log
                WHERE order_number = %s AND generation = 1""",
            *(raised, state, step.order_number),
        )


def _refuse(part: Any, step: sql.Refuse) -> Outcome:
    for line in step.taken:
        give_back(part, line.cell, line.quantity)
    _write_states(part, step.order.number, HoldState.REFUSED)
    return Outcome.REFUSED


def _due(part: Any, step: sql.DueHolds) -> tuple[str, ...]:
    text = """SELECT order_number FROM hold WHERE state = 'held' AND due_at <= NOW(6)
              ORDER BY due_at, order_number LIMIT %s"""
    return tuple(number for (number,) in part.say(text, step.limit)[1])


STEPS: Mapping[type[Step[Any]], Callable[[Any, Any], Any]] = {
    sql.ClaimOrder: lambda part, step: _claim(part, step.order, HoldState.HELD),
    sql.ClaimRefused: lambda part, step: _claim(part, step.order, HoldState.REFUSED),
    sql.ClaimAndTake: _claim_and_take,
    sql.ClaimHolds: _claim_holds,
    sql.ClaimAndTakeAll: _claim_and_take_all,
    sql.BookOrders: _book,
    sql.Bury: _bury,
    sql.FindOrder: lambda part, step: _stored(_hold(part, step.order_number)),
    sql.LockOrder: lambda part, step: _stored(_hold(part, step.order_number, " FOR UPDATE")),
    sql.RecordOrder: _record,
    sql.ReadLog: _read_log,
    sql.Settle: lambda part, step: _write_states(
        part, step.order_number, step.state, step.generation
    ),
    sql.Reopen: _reopen,
    sql.Refuse: _refuse,
    sql.DueHolds: _due,
}
