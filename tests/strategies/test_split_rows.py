"""Fragments, as a figure: what is left in split rows when buyers are told that nothing is."""

import random

from inventory_core.domain import Cell, Line, Opening, Order, Outcome
from inventory_core.drivers import carry_out
from inventory_core.strategy.registry import make
from scenarios.model import model_place

A = Cell("a")
UNITS, BUYERS = 100, 400


def refused_and_left(name: str, quantities: tuple[int, ...]) -> tuple[int, int]:
    """Orders refused although the cell had enough, and the units left when nobody comes any more.

    One buyer after the other, so that nothing but the fragments is to blame.
    """
    place, strategy = model_place(), make(name)
    perform = place.connect(seed=1).perform
    carry_out(strategy.load([Opening(A, UNITS)]), perform)
    dice, falsely, left = random.Random(1), 0, UNITS
    for number in range(BUYERS):
        wanted = dice.choice(quantities)
        answer = carry_out(strategy.deduct(Order(f"{number}", (Line(A, wanted),))), perform)
        falsely += answer is Outcome.REFUSED and wanted <= left
        left -= wanted if answer is Outcome.DEDUCTED else 0
    assert carry_out(strategy.read([A]), perform) == (left,)
    return falsely, left


def test_one_try_at_one_part_refuses_buyers_with_stock_left() -> None:
    falsely, left = refused_and_left("split_rows", (1,))
    assert falsely > 0
    assert left == 0, "in the end every part is found"


def test_large_quantities_never_find_their_fragments() -> None:
    falsely, left = refused_and_left("split_rows", (5,))
    assert falsely > BUYERS / 2
    assert left >= 5, "enough for another buyer, but not in one part"


def test_who_looks_at_the_other_parts_sells_to_the_last_unit() -> None:
    for quantities in ((1,), (1, 2, 3, 4, 5)):
        assert refused_and_left("split_rows_probing", quantities) == (0, 0)
