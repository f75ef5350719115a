"""How steps on holds travel: their parameters on the way out, their answers on the way back."""

from __future__ import annotations

from itertools import pairwise

from inventory_core.domain import Cell, Line, Outcome
from inventory_core.steps import sql
from inventory_core.steps.sql import StoredOrder
from inventory_core.stores.sql.encoding import (
    STATES,
    Result,
    columns,
    number,
    numbers,
    real,
    whole,
    word,
    words,
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


def holds_of(step: sql.ClaimHolds) -> Parameters:
    """Several orders, and all their lines."""
    orders = step.orders
    assert all(one.number < next_.number for one, next_ in pairwise(orders)), "sort, and only once"
    order_numbers, lines, places_in_order = [], [], []
    for order in orders:
        for place_in_order, line in enumerate(order.lines, 1):
            order_numbers.append(order.number)
            lines.append(line)
            places_in_order.append(place_in_order)
    return (
        words([order.number for order in orders]),
        words([order.fingerprint for order in orders]),
        words([order.buyer for order in orders]),
        numbers([order.hold_s for order in orders]),
        words(order_numbers),
        numbers(places_in_order),
        *columns(lines),
    )


def booked(step: sql.BookOrders) -> Parameters:
    """What is taken in all, and who is refused."""
    return (*columns(step.taken), words(sorted(step.refused)))


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
    return _stored(result, whole(result, 0, 4) == 1)


def all_stored(result: Result) -> tuple[StoredOrder, ...]:
    """The holds that an upsert of several wrote or found, in their order."""
    return tuple(
        [_stored(result, whole(result, row, 4) == 1, row) for row in range(result.ntuples)]
    )


def found(result: Result) -> StoredOrder | None:
    """The hold that was read, if there is one."""
    return _stored(result, False) if result.ntuples else None


def _stored(result: Result, fresh: bool, row: int = 0) -> StoredOrder:
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
