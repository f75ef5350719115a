"""Packed rows answer what rows answer, and take little."""

from __future__ import annotations

import random
import sys

import pytest

from inventory_core.domain import HoldState
from scenarios.model.rows import HoldRow, LogRow, Rows, hold_key, log_key
from scenarios.model.sql_book import book_of
from scenarios.predicting import packed_rows
from scenarios.predicting.packed_rows import PackedRows
from scenarios.predicting.run import predict_once, simulate
from tests.predicting.conftest import asked

STATES = (HoldState.HELD, HoldState.REFUSED, HoldState.PAID)


def some_row(dice: random.Random, key: tuple[str | int, ...]) -> object:
    state = dice.choice(STATES)
    if key[0] == "log":
        return ((LogRow("a", "online", dice.randrange(1, 4), state),),)
    body = dice.choice(["", f"{dice.getrandbits(128):032x}"])  # a tombstone has none
    return HoldRow(state, dice.randrange(1, 3), body, dice.randrange(1 << 40))


def test_whatever_is_done_to_them_they_answer_as_a_dict_does() -> None:
    dice = random.Random(1)
    packed, plain = PackedRows(), dict[object, object]()
    numbers = [f"o{serial:08d}" for serial in range(60)] + ["strange", "o1", "o000000001"]
    for _ in range(5_000):
        key = dice.choice([hold_key, log_key])(dice.choice(numbers))
        what = dice.random()
        if what < 0.5:
            packed[key] = plain[key] = some_row(dice, key)
        elif what < 0.6:
            assert packed.pop(key, None) == plain.pop(key, None)
        elif what < 0.65:
            packed.pack()
        assert packed.get(key) == plain.get(key)
        assert (key in packed) == (key in plain)
    packed.pack()
    assert dict(packed.items()) == plain
    assert len(packed) == len(plain)
    assert sorted(packed) == sorted(plain)  # type: ignore[type-var]
    assert dict(packed) == plain
    with pytest.raises(KeyError):
        packed[hold_key("nobody")]


def test_their_book_is_the_book_of_the_rows() -> None:
    dice = random.Random(2)
    packed = PackedRows()
    for serial in range(50):
        for key in (hold_key(f"o{serial:08d}"), log_key(f"o{serial:08d}")):
            packed[key] = some_row(dice, key)
    eager = book_of(Rows(dict(packed.items())))
    packed.pack()
    lazy = packed.book()
    assert lazy is not None
    assert eager is not None
    assert dict(lazy.orders) == eager.orders
    assert (lazy.remaining, lazy.journal) == (eager.remaining, eager.journal)


def test_an_order_at_rest_takes_little() -> None:
    packed, dice, many = PackedRows(), random.Random(3), 100_000
    for serial in range(many):
        number, body = f"o{serial:08d}", f"{dice.getrandbits(128):032x}"
        packed[hold_key(number)] = HoldRow(HoldState.HELD, 1, body, serial)
        packed[log_key(number)] = ((LogRow("a", "online", 1, HoldState.HELD),),)
        packed.pack_if_many()
    packed.pack()
    columns = [packed._kind, packed._log, packed._due_ms, packed._bodies]
    assert sum(map(sys.getsizeof, columns)) / many < 40
    assert dict.__len__(packed) == 0


@pytest.mark.parametrize("name", ["conditional_update", "redis_with_task", "transactional_outbox"])
def test_a_run_that_packs_all_the_time_is_the_same_run(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = asked(name, "demand.duplicates=0.3", "demand.roll_back=0.2", "demand.pay=0.2")
    loose, kept = simulate(work), predict_once(work)
    monkeypatch.setattr(packed_rows, "ROWS", 1)
    packed, again = simulate(work), predict_once(work)
    assert (loose.results[0].replied_ns == packed.results[0].replied_ns).all()
    assert (loose.results[0].answer == packed.results[0].answer).all()
    same = ("verdict", "deducted", "goodput_per_s", "note")
    assert [kept[name] for name in same] == [again[name] for name in same]
