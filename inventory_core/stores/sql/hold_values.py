"""How steps on holds travel: their parameters on the way out, their answers on the way back."""

from __future__ import annotations

from inventory_core.domain import Cell, Line, Outcome
from inventory_core.steps import sql
from inventory_core.steps.sql import StoredOrder
from inventory_core.stores.sql.encoding import (
    STATES,
    Result,
    columns,
    number,
    real,
    whole,
    word,
    written,
)
from inventory_core.stores.sql.statement import Parameters


def order_of(
    step: sql.ClaimOrder | sql.ClaimAndTake | sql.ClaimRefused | sql.RecordOrder,
) -> Parameters:
    """An order, as `_order_fields` names its parts."""
    order = step.order
    skus, places, quantities = columns(order.lines)
    who = word(order.number), word(order.fingerprint), word(order.buyer)
    return (*who, real(order.hold_s), skus, places, quantities)


def order_and_takes(step: sql.ClaimAndTake) -> Parameters:
    """An order, and what it takes of each cell, in the order of the cells."""
    return (*order_of(step), *columns(step.order.takes))


def number_of(step: sql.Bury | sql.FindOrder | sql.LockOrder | sql.ReadLog) -> Parameters:
    """Just the order number."""
    return (word(step.order_number),)


def state_and_generation(step: sql.Settle | sql.Reopen) -> Parameters:
    """Order number, new state, and the generation or NULL."""
    generation = None if step.generation is None else number(step.generation)
    return word(step.order_number), word(step.state.value), generation


def taken(step: sql.Refuse) -> Parameters:
    """An order number, and what was taken for it."""
    return (word(step.order.number), *columns(step.taken))


def limit(step: sql.DueHolds) -> Parameters:
    """How many at most."""
    return (number(step.limit),)


def stored(result: Result) -> StoredOrder:
    """The hold that an upsert wrote or found: fresh if nobody came for the number before."""
    return read_stored(result, whole(result, 0, 4) == 1)


def found(result: Result) -> StoredOrder | None:
    """The hold that was read, if there is one."""
    return read_stored(result, False) if result.ntuples else None


def read_stored(result: Result, fresh: bool, row: int = 0) -> StoredOrder:
    """A row of state, generation, fingerprint, and whether it is overdue."""
    get = result.get_value
    state = STATES[get(row, 0)]  # type: ignore[index]  # NOT NULL
    overdue = get(row, 3) != b"f"  # a tombstone has no deadline to wait for
    return StoredOrder(fresh, state, whole(result, row, 1), written(result, row, 2), overdue)


def lines(result: Result) -> tuple[Line, ...]:
    """Lines as they were placed."""
    return tuple(
        Line(Cell(written(result, row, 0), written(result, row, 1)), whole(result, row, 2))
        for row in range(result.ntuples)
    )


def numbers_found(result: Result) -> tuple[str, ...]:
    """Order numbers."""
    return tuple(written(result, row, 0) for row in range(result.ntuples))


def refused(_: Result) -> Outcome:
    """What a refusal always answers."""
    return Outcome.REFUSED
