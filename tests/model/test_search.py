"""A search that is kept finds what looking through all rows finds, whatever was written since."""

import random
from typing import Any

import pytest

from inventory_core.records.engines import StockUnit
from inventory_core.steps import Step, rows, sql
from scenarios.model import Blocked, Done, SqlModel, search
from scenarios.model.answers import PARTIAL
from scenarios.model.dialects import MARIADB, POSTGRESQL, Dialect

UNITS = 3 * search.LEAST
PLACES = ("online", "store")


def _some_step(dice: random.Random) -> Step[Any]:
    sku, place = dice.choice(("a", "b")), dice.choice(PLACES)
    unit = StockUnit(sku, place, dice.randrange(UNITS), dice.randrange(2), dice.choice(("", "me")))
    where = (("sku", "=", sku), ("place", "=", place), ("free", "=", dice.randrange(2)))
    match dice.randrange(8):
        case 0:
            return rows.Put(unit)
        case 1:
            return rows.Remove(StockUnit, (sku, place, unit.unit))
        case 2:
            return rows.Insert(unit)
        case 3:
            return rows.Select(StockUnit, where, limit=3, lock_free=True)
        case 4:
            last = (unit.owner, sku, place, unit.unit)
            return rows.Select(StockUnit, where, ("owner",), after=last, limit=5)
        case 5:
            return rows.Sum(StockUnit, "unit", where[1:])
        case _:
            return rows.Select(StockUnit, where, limit=4)


def _history(dialect: Dialect, seed: int) -> list[Any]:
    """What two sessions are told that read and write the same rows, in and out of transactions."""
    dice, model, told = random.Random(seed), SqlModel(2, dialect), list[Any]()
    units = [StockUnit(sku, place, n, 1) for sku in "ab" for place in PLACES for n in range(UNITS)]
    while model.perform(0, rows.InsertAll(tuple(units))) is PARTIAL:
        pass
    levels = (sql.Isolation.READ_COMMITTED, sql.Isolation.REPEATABLE_READ)
    waiting: dict[int, Step[Any]] = {}
    for _ in range(400):
        session = dice.randrange(2)
        step = waiting.pop(session, None)
        if step is None and dice.random() < 0.15:
            ends = sql.Commit() if dice.random() < 0.7 else sql.Rollback()
            step = ends if model.in_transaction(session) else sql.Begin(dice.choice(levels))
        step = step or _some_step(dice)
        connection = model.connections[session]
        if connection is not None and connection.aborted:
            step = sql.Rollback()
        answer = model.perform(session, step)
        while answer is PARTIAL:
            answer = model.perform(session, step)
        if isinstance(answer, Blocked):
            waiting[session] = step
        told.append((session, step, answer))
    return told


@pytest.mark.parametrize("dialect", [POSTGRESQL, MARIADB], ids=["postgresql", "mariadb"])
@pytest.mark.parametrize("seed", range(6))
def test_what_is_kept_is_what_is_there(
    seed: int, dialect: Dialect, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = list[search.Search]()
    find = search.Kept.find

    def watched(*asked: Any) -> search.Search | None:
        found = find(*asked)
        kept.extend([found] if found else [])
        return found

    monkeypatch.setattr(search.Kept, "find", watched)
    told = _history(dialect, seed)
    assert len(kept) > 40, "else nothing is tested"
    assert sum(isinstance(answer, Done) for _, _, answer in told) > 250
    monkeypatch.setattr(search, "LEAST", 1 << 30)
    assert told == _history(dialect, seed)
    assert len({id(one) for one in kept}) < len(kept), "no search was found again"
