"""How steps on groups of orders travel: their parameters on the way out, their answers back."""

from __future__ import annotations

from itertools import pairwise

from inventory_core.domain import Order
from inventory_core.steps import sql
from inventory_core.steps.sql import StoredOrder
from inventory_core.stores.sql.encoding import Result, columns, numbers, whole, words, written
from inventory_core.stores.sql.hold_values import read_stored
from inventory_core.stores.sql.statement import Parameters


def _holds(orders: tuple[Order, ...]) -> Parameters:
    """What a hold says, as four arrays."""
    names = [order.number for order in orders]
    assert all(one < next_ for one, next_ in pairwise(names)), "sort, and only once"
    return (
        words(names),
        words([order.fingerprint for order in orders]),
        words([order.buyer for order in orders]),
        numbers([order.hold_s for order in orders]),
    )


def holds_of(step: sql.ClaimHolds) -> Parameters:
    """Several orders, and all their lines."""
    order_numbers, lines, places_in_order = [], [], []
    for order in step.orders:
        for place_in_order, line in enumerate(order.lines, 1):
            order_numbers.append(order.number)
            lines.append(line)
            places_in_order.append(place_in_order)
    return (
        *_holds(step.orders),
        words(order_numbers),
        numbers(places_in_order),
        *columns(lines),
    )


def holds_and_cells(step: sql.ClaimAndTakeAll) -> Parameters:
    """Several orders; all their lines, which name their cell by its place; and the cells.

    Of each cell it says what all of the orders ask for: a hundred lines name few cells.
    """
    numbers_of, places_in_order, cells_of, quantities = [], [], [], []
    places: dict[tuple[str, str], int] = {}
    units = [0]
    for order in step.orders:
        for place_in_order, line in enumerate(order.lines, 1):
            cell = places.setdefault((line.cell.sku, line.cell.place), len(units))
            if cell == len(units):
                units.append(0)
            units[cell] += line.quantity
            numbers_of.append(order.number)
            places_in_order.append(place_in_order)
            cells_of.append(cell)
            quantities.append(line.quantity)
    return (
        *_holds(step.orders),
        words(numbers_of),
        numbers(places_in_order),
        numbers(cells_of),
        numbers(quantities),
        words([sku for sku, _ in places]),
        words([place for _, place in places]),
        numbers(units[1:]),
    )


def booked(step: sql.BookOrders) -> Parameters:
    """What is taken in all, and who is refused."""
    return (*columns(step.taken), words(sorted(step.refused)))


def all_stored(result: Result) -> tuple[StoredOrder, ...]:
    """The holds that an upsert of several wrote or found, in their order."""
    return tuple(
        [read_stored(result, whole(result, row, 4) == 1, row) for row in range(result.ntuples)]
    )


def known(result: Result) -> tuple[tuple[str, StoredOrder], ...]:
    """The numbers that were not fresh, and the holds that were found under them."""
    return tuple(
        [
            (written(result, row, 4), read_stored(result, False, row))
            for row in range(result.ntuples)
        ]
    )
