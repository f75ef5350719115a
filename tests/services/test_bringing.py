"""A page of movements recorded together is what it is one by one, whatever else there is."""

from __future__ import annotations

import random
from typing import Any

import pytest

from inventory_core.drivers import carry_out
from inventory_core.records import (
    Entry,
    Movement,
    MovementKind,
    Unassigned,
    Warehouse,
    WarehouseKind,
    WarehouseStock,
)
from inventory_core.services import bringing
from inventory_core.services.bringing import record_brought
from inventory_core.services.counting import record_movement
from inventory_core.steps import rows, sql
from scenarios.model import model_place
from scenarios.model.place import ModelPlace

SKUS = ("a", "b", "c", "d")
KINDS = (MovementKind.RECEIPT, MovementKind.ADJUSTMENT, MovementKind.SHIPMENT)
Rows = dict[Any, Any]


def opened(dice: random.Random) -> ModelPlace:
    """Some shelves are there, some were counted, some owe units."""
    place = model_place()
    perform = place.connect().perform
    perform(rows.Insert(Warehouse("w", "w", WarehouseKind.OWN, "hill")))
    for sku in SKUS:
        if dice.random() < 0.6:
            counted, owed = dice.choice([0, 0, 4]), dice.choice([0, 0, 2])
            perform(rows.Insert(WarehouseStock(sku, "w", 5, 0, owed, 0, counted)))
        if dice.random() < 0.6:
            perform(rows.Insert(Unassigned(sku, dice.randrange(4))))
    return place


def page(dice: random.Random) -> list[Movement]:
    return [
        Movement("w", sequence, dice.choice(SKUS), kind, _delta(dice, kind), f"r{sequence}", 0)
        for sequence in range(1, dice.randrange(2, 12))
        for kind in [dice.choice(KINDS)]
    ]


def _delta(dice: random.Random, kind: MovementKind) -> int:
    if kind is MovementKind.ADJUSTMENT:
        return dice.choice([-2, -1, 1, 2])
    return -1 if kind is MovementKind.SHIPMENT else dice.randrange(1, 5)


def after(place: ModelPlace, movements: list[Movement], together: bool) -> Rows:
    """What is stored when all are recorded; empty rows are none."""
    perform = place.connect().perform
    first = carry_out(record_brought(movements), perform) if together else frozenset()
    for one in movements:
        if one.sequence not in first:
            carry_out(record_movement(one), perform)
    kept = (Entry, Movement, Unassigned, WarehouseStock)
    names = {kind.__name__ for kind in kept}
    there = {key: row for key, row in place.sql.rows.by_key.items() if key[0] in names}
    return {key: row for key, row in there.items() if row != Unassigned(key[1])}


@pytest.mark.parametrize("seed", range(40))
def test_together_is_one_by_one(seed: int) -> None:
    known = page(random.Random(seed + 1_000))[:2]
    worlds = []
    for together in (True, False):
        place = opened(random.Random(seed))
        for one in known:  # the feed comes again from a mark that is behind
            carry_out(record_movement(one), place.connect().perform)
        movements = [*known, *page(random.Random(seed))[len(known) :]]
        worlds.append(after(place, movements, together))
    assert worlds[0] == worlds[1]


def test_a_page_of_receipts_is_recorded_whole() -> None:
    place = opened(random.Random(0))
    receipts = [Movement("w", n, f"new{n}", MovementKind.RECEIPT, n, "r", 0) for n in range(1, 9)]
    recorded = carry_out(record_brought(receipts), place.connect().perform)
    assert recorded == set(range(1, 9))


def test_a_shelf_that_somebody_has_is_left_to_others() -> None:
    place = opened(random.Random(0))
    buyer, perform = place.connect().perform, place.connect().perform
    perform(rows.Insert(WarehouseStock("x", "w")))
    buyer(sql.Begin())
    buyer(rows.Lock(WarehouseStock, ("x", "w")))
    receipts = [
        Movement("w", n, sku, MovementKind.RECEIPT, 1, "r", 0) for n, sku in enumerate("xyz", 1)
    ]
    assert carry_out(record_brought(receipts), perform) == {2, 3}


def test_one_that_forgets_the_count_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted bug: what a count contains is brought a second time."""
    monkeypatch.setattr(bringing, "_may", lambda one, shelves, _: one.sku in shelves)
    with pytest.raises(AssertionError):
        every_seed()


def every_seed() -> None:
    for seed in range(40):
        test_together_is_one_by_one(seed)
