"""Leases, deadlines, texts and errors in the model of Redis."""

from dataclasses import dataclass
from typing import ClassVar

import pytest

from inventory_core.domain import Cell, Opening, Outcome
from inventory_core.steps import Step, kv, sql
from scenarios.model import Done, KvModel
from scenarios.model.keyspace import Keyspace
from scenarios.model.scripts import scripts
from tests.model.asking import A, order, value_of


def test_a_lease_ends_when_its_time_has_come_whatever_became_of_its_holder() -> None:
    model = KvModel()
    lease = kv.SetIfAbsent("lock:a", "1.1", 40)
    assert value_of(model, 0, lease)
    assert not value_of(model, 1, kv.SetIfAbsent("lock:a", "2.1", 40))
    model.drop(0)
    assert not value_of(model, 1, kv.SetIfAbsent("lock:a", "2.1", 40))
    assert model.deadlines() == (40,)
    model.advance(40)
    assert model.deadlines() == ()
    assert value_of(model, 1, kv.SetIfAbsent("lock:a", "2.1", 40))
    assert not value_of(model, 0, kv.DeleteIfEqual("lock:a", "1.1"))
    assert value_of(model, 1, kv.DeleteIfEqual("lock:a", "2.1"))


def test_holds_become_due_by_the_clock_of_the_store() -> None:
    model = KvModel()
    value_of(model, 0, kv.OpenCells((Opening(A, 3),)))
    value_of(model, 0, kv.Deduct(order("1", A, hold_s=1.0)))
    assert value_of(model, 0, kv.Resolve("1", "expire")) is Outcome.NOT_DUE
    assert model.deadlines() == (1000,)
    model.advance(1000)
    assert value_of(model, 0, kv.DueHolds(10)) == ("1",)
    assert value_of(model, 0, kv.Resolve("1", "expire")) is Outcome.EXPIRED
    assert value_of(model, 0, kv.ReadCells((A,))) == (3,)


def test_texts_beyond_ascii_come_back_as_they_went() -> None:
    model, cell = KvModel(), Cell("größe ✓", "südwest")
    value_of(model, 0, kv.OpenCells((Opening(cell, 2),)))
    value_of(model, 0, kv.Deduct(order("№ 1", cell)))
    value_of(model, 0, kv.Adjust("é", cell, 1))
    assert value_of(model, 0, kv.ReadJournal()) == (kv.Entry("é", cell, 1),)
    assert value_of(model, 0, kv.OpenHolds(10)) == (kv.OpenHold("№ 1", 1),)
    book = model.book()
    assert book is not None
    assert book.remaining == {cell: 2}
    assert book.orders["№ 1"].units() == {cell: 1}


def test_an_empty_store_has_no_book_and_no_transaction() -> None:
    model = KvModel()
    value_of(model, 0, kv.SetIfAbsent("lock:a", "1.1", 40))
    assert model.book() is None
    assert not model.in_transaction(0)


@dataclass(frozen=True, slots=True)
class Wrong(kv.Script[int]):
    """A script that does not exist."""

    file: ClassVar[str] = "nowhere"

    def keys(self) -> tuple[str, ...]:
        return ()

    def arguments(self) -> tuple[str | int, ...]:
        return ()

    def decode(self, raw: kv.Raw) -> int:
        return 0


def test_it_knows_scripts_and_leases_and_nothing_else() -> None:
    model = KvModel()
    assert model.knows(kv.Deduct(order("1")))
    assert model.knows(Wrong())
    assert Wrong in model.steps
    assert not model.knows(sql.Commit())
    with pytest.raises(AssertionError, match="no step"):
        model.perform(0, sql.Commit())
    with pytest.raises(FileNotFoundError):
        model.perform(0, Wrong())


def test_a_script_that_redis_refuses_is_a_bug() -> None:
    model = KvModel()
    value_of(model, 0, kv.SetIfAbsent("holds", "not a sorted set", 1_000))
    with pytest.raises(AssertionError, match=r"forget.lua: .*WRONGTYPE"):
        model.perform(0, kv.Forget("1"))


def test_a_script_remembers_nothing_and_reaches_nothing_outside() -> None:
    for source in ("made = 1", "return io.open('/etc/passwd')", "return python"):
        with pytest.raises(Exception, match="global variable"):
            scripts().run_source(source, Keyspace(), [], [])


def test_steps_are_answered_at_once() -> None:
    step: Step[bool] = kv.SetIfAbsent("lock:a", "1.1", 1)
    assert KvModel().perform(3, step) == Done(True)


def test_a_script_may_be_given_more_keys_than_lua_has_room_for_on_its_stack() -> None:
    names = [f"key {number}" for number in range(20_000)]
    source = "return {#KEYS, KEYS[20000], #ARGV, ARGV[2]}"
    answer = scripts().run_source(source, Keyspace(), names, ["one", "two"])
    assert list(answer) == [20_000, "key 19999", 2, "two"]
