"""Every script on a real Valkey, state by state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from inventory_core.domain import Cell, HoldState, Line, Opening, Order, Outcome
from inventory_core.steps import Step, kv
from inventory_core.stores.kv import RedisStore

pytestmark = pytest.mark.live

Ask = Callable[[Step[Any]], Any]
A, B = Cell("a"), Cell("b")
BASKET = Order("1", (Line(A, 2), Line(B, 1)))
DUE = Order("1", (Line(A, 2), Line(B, 1)), hold_s=0.0)


@pytest.fixture(autouse=True)
def _opened(ask: Ask) -> None:
    assert ask(kv.OpenCells((Opening(A, 5), Opening(B, 5)))) == 2


def left(ask: Ask) -> tuple[int, ...]:
    found: tuple[int, ...] = ask(kv.ReadCells((A, B)))
    return found


def test_a_deduction_takes_every_line_and_is_remembered(ask: Ask, store: RedisStore) -> None:
    assert ask(kv.Deduct(BASKET)) is Outcome.DEDUCTED
    assert ask(kv.Deduct(BASKET)) is Outcome.REPLAYED
    assert left(ask) == (3, 4)
    book = store.book()
    assert book is not None
    assert book.orders["1"].units() == {A: 2, B: 1}
    assert book.orders["1"].state is HoldState.HELD


def test_a_refusal_takes_nothing_and_is_remembered(ask: Ask) -> None:
    greedy = Order("1", (Line(A, 1), Line(B, 6)))
    assert ask(kv.Deduct(greedy)) is Outcome.REFUSED
    ask(kv.Adjust("more", B, 9))
    assert ask(kv.Deduct(greedy)) is Outcome.REFUSED
    assert left(ask) == (5, 14)


def test_another_body_is_mismatched_whatever_became_of_the_first(ask: Ask) -> None:
    other = Order("1", (Line(A, 1),))
    for verb in ("", "pay", "ship"):
        ask(kv.Resolve("1", verb) if verb else kv.Deduct(BASKET))
        assert ask(kv.Deduct(other)) is Outcome.MISMATCHED


STATES: dict[str, tuple[str, ...]] = {
    "nothing": (),
    "held": ("deduct",),
    "due": ("deduct due",),
    "paid": ("deduct", "pay"),
    "shipped": ("deduct", "pay", "ship"),
    "refused": ("deduct too much",),
    "rolled back": ("deduct", "roll_back"),
    "tombstone": ("roll_back",),
    "expired": ("deduct due", "expire"),
}
ANSWERS = {
    ("nothing", "roll_back"): Outcome.TOMBSTONED,
    ("nothing", "expire"): Outcome.NOT_FOUND,
    ("nothing", "pay"): Outcome.NOT_FOUND,
    ("nothing", "ship"): Outcome.NOT_FOUND,
    ("held", "roll_back"): Outcome.ROLLED_BACK,
    ("held", "expire"): Outcome.NOT_DUE,
    ("held", "pay"): Outcome.PAID,
    ("held", "ship"): Outcome.NOT_PAID,
    ("due", "roll_back"): Outcome.ROLLED_BACK,
    ("due", "expire"): Outcome.EXPIRED,
    ("due", "pay"): Outcome.PAID,
    ("due", "ship"): Outcome.NOT_PAID,
    ("paid", "roll_back"): Outcome.REFUNDED,
    ("paid", "expire"): Outcome.ALREADY_PAID,
    ("paid", "pay"): Outcome.ALREADY_PAID,
    ("paid", "ship"): Outcome.SHIPPED,
    ("shipped", "roll_back"): Outcome.ALREADY_SHIPPED,
    ("shipped", "expire"): Outcome.ALREADY_SHIPPED,
    ("shipped", "pay"): Outcome.ALREADY_SHIPPED,
    ("shipped", "ship"): Outcome.ALREADY_SHIPPED,
    ("refused", "roll_back"): Outcome.ALREADY_REFUSED,
    ("refused", "expire"): Outcome.ALREADY_REFUSED,
    ("refused", "pay"): Outcome.ALREADY_REFUSED,
    ("refused", "ship"): Outcome.ALREADY_REFUSED,
    ("rolled back", "roll_back"): Outcome.ALREADY_ROLLED_BACK,
    ("rolled back", "expire"): Outcome.ALREADY_ROLLED_BACK,
    ("rolled back", "pay"): Outcome.ALREADY_ROLLED_BACK,
    ("rolled back", "ship"): Outcome.ALREADY_ROLLED_BACK,
    ("tombstone", "roll_back"): Outcome.ALREADY_ROLLED_BACK,
    ("tombstone", "expire"): Outcome.ALREADY_ROLLED_BACK,
    ("tombstone", "pay"): Outcome.ALREADY_ROLLED_BACK,
    ("tombstone", "ship"): Outcome.ALREADY_ROLLED_BACK,
    ("expired", "roll_back"): Outcome.ALREADY_EXPIRED,
    ("expired", "expire"): Outcome.ALREADY_EXPIRED,
    ("expired", "pay"): Outcome.PAID_LATE,
    ("expired", "ship"): Outcome.ALREADY_EXPIRED,
}
OWNING = {Outcome.NOT_DUE, Outcome.PAID, Outcome.NOT_PAID, Outcome.SHIPPED, Outcome.PAID_LATE}


def bring(ask: Ask, state: str) -> None:
    """Bring order 1 into a state."""
    deductions = {
        "deduct": BASKET,
        "deduct due": DUE,
        "deduct too much": Order("1", (Line(A, 9), Line(B, 1))),
    }
    for act in STATES[state]:
        deduction = deductions.get(act)
        ask(kv.Deduct(deduction) if deduction else kv.Resolve("1", act))


@pytest.mark.parametrize("state, verb", ANSWERS)
def test_each_verb_answers_each_state_and_moves_the_right_units(
    ask: Ask, state: str, verb: str
) -> None:
    bring(ask, state)
    answer = ask(kv.Resolve("1", verb))
    assert answer is ANSWERS[state, verb]
    owns = answer in OWNING or (state in ("paid", "shipped") and answer is not Outcome.REFUNDED)
    assert left(ask) == ((3, 4) if owns else (5, 5))


AGAIN = {
    "nothing": Outcome.DEDUCTED,
    "held": Outcome.REPLAYED,
    "due": Outcome.REPLAYED,
    "paid": Outcome.REPLAYED,
    "shipped": Outcome.REPLAYED,
    "rolled back": Outcome.ALREADY_ROLLED_BACK,
    "tombstone": Outcome.ALREADY_ROLLED_BACK,
    "expired": Outcome.ALREADY_EXPIRED,
}


@pytest.mark.parametrize("state", AGAIN)
def test_a_delivery_answers_by_the_state_it_finds_and_takes_once(ask: Ask, state: str) -> None:
    bring(ask, state)
    answer = AGAIN[state]
    assert ask(kv.Deduct(BASKET)) is answer
    assert ask(kv.Deduct(BASKET)) is (Outcome.REPLAYED if state == "nothing" else answer)
    owns = answer in (Outcome.DEDUCTED, Outcome.REPLAYED)
    assert left(ask) == ((3, 4) if owns else (5, 5))


def test_the_same_cell_twice_is_taken_as_a_sum(ask: Ask) -> None:
    assert ask(kv.Deduct(Order("1", (Line(A, 3), Line(B, 1), Line(A, 3))))) is Outcome.REFUSED
    assert ask(kv.Deduct(Order("2", (Line(A, 3), Line(B, 1), Line(A, 2))))) is Outcome.DEDUCTED
    assert left(ask) == (0, 4)


def test_a_late_payment_without_stock_is_refunded_and_changes_nothing(ask: Ask) -> None:
    bring(ask, "expired")
    ask(kv.Deduct(Order("2", (Line(A, 4),))))
    assert ask(kv.Resolve("1", "pay")) is Outcome.REFUNDED
    assert left(ask) == (1, 5)


def test_a_hold_is_returned_only_in_its_own_generation(ask: Ask) -> None:
    bring(ask, "held")
    assert ask(kv.ReturnHold("1", 2, "rolled_back")) is False
    assert ask(kv.ReturnHold("1", 1, "rolled_back")) is True
    assert ask(kv.ReturnHold("1", 1, "rolled_back")) is False
    assert left(ask) == (5, 5)


def test_a_newer_generation_takes_the_place_of_the_older(ask: Ask) -> None:
    bring(ask, "held")
    assert ask(kv.Retake("1", 2)) is Outcome.DEDUCTED
    assert ask(kv.Retake("1", 2)) is Outcome.REPLAYED
    assert ask(kv.Retake("1", 1)) is Outcome.REFUSED
    assert left(ask) == (3, 4)
    assert ask(kv.ReturnHold("1", 1, "expired")) is False, "a late return of the old one"
    assert ask(kv.OpenHolds(9)) == (kv.OpenHold("1", 2),)


def test_a_returned_hold_is_retaken_when_there_is_stock_again(ask: Ask) -> None:
    bring(ask, "held")
    ask(kv.ReturnHold("1", 1, "expired"))
    ask(kv.Deduct(Order("2", (Line(A, 4),))))
    assert ask(kv.Retake("1", 2)) is Outcome.REFUSED
    assert (left(ask), ask(kv.OpenHolds(9))) == ((1, 5), (kv.OpenHold("2", 1),))
    ask(kv.Adjust("more", A, 1))
    assert ask(kv.Retake("1", 2)) is Outcome.DEDUCTED
    assert left(ask) == (0, 4)
    assert ask(kv.Retake("1", 1)) is Outcome.REFUSED, "an older one comes too late"
    assert ask(kv.ReturnHold("1", 2, "rolled_back")) is True
    assert left(ask) == (2, 5)
    assert ask(kv.Retake("1", 2)) is Outcome.REFUSED, "this generation is closed"
    assert left(ask) == (2, 5)


@pytest.mark.parametrize("state", [state for state in STATES if state not in ("held", "due")])
def test_only_a_held_order_has_units_to_return(ask: Ask, state: str) -> None:
    bring(ask, state)
    before = left(ask)
    assert ask(kv.ReturnHold("1", 1, "expired")) is False
    assert left(ask) == before


def test_nothing_is_retaken_of_an_order_that_nobody_knows(ask: Ask) -> None:
    assert ask(kv.Retake("1", 2)) is Outcome.REFUSED
    assert left(ask) == (5, 5)


def test_open_and_due_holds_are_told_apart_oldest_first(ask: Ask) -> None:
    ask(kv.Deduct(Order("later", (Line(A, 1),), hold_s=900)))
    ask(kv.Deduct(Order("due", (Line(A, 1),), hold_s=0)))
    assert ask(kv.DueHolds(9)) == ("due",)
    assert [held.order_number for held in ask(kv.OpenHolds(9))] == ["due", "later"]
    assert [held.order_number for held in ask(kv.OpenHolds(9, start=1))] == ["later"]
    assert ask(kv.Forget("due")) is True
    assert ask(kv.DueHolds(9)) == ()


def test_a_cell_is_adjusted_once_a_key_and_not_below_zero(ask: Ask, store: RedisStore) -> None:
    assert ask(kv.Adjust("k", A, -6)) is Outcome.REFUSED
    assert ask(kv.Adjust("k", A, -5)) is Outcome.ADJUSTED
    assert ask(kv.Adjust("k", A, -5)) is Outcome.ALREADY_ADJUSTED
    assert left(ask) == (0, 5)
    assert ask(kv.ReadJournal()) == (kv.Entry("k", A, -5),)
    book = store.book()
    assert book is not None
    assert book.journal == {"opening:a@online": (A, 5), "opening:b@online": (B, 5), "k": (A, -5)}


def test_a_cell_is_drained_once_a_key(ask: Ask) -> None:
    assert ask(kv.Drain("close", A)) == 5
    ask(kv.Adjust("more", A, 3))
    assert ask(kv.Drain("close", A)) == 5
    assert left(ask) == (3, 5)
    assert ask(kv.Drain("again", A)) == 3


@pytest.mark.parametrize("sku", ["with space 7", 'a"quote', "glob*[x]?", "ünïcode 🙂", "at@sign"])
def test_any_sku_goes_in_and_comes_out(ask: Ask, store: RedisStore, sku: str) -> None:
    cell = Cell(sku)
    ask(kv.OpenCells((Opening(cell, 3),)))
    ask(kv.Deduct(Order("odd", (Line(cell, 2), Line(A, 1)))))
    assert ask(kv.ReadCells((cell,))) == (1,)
    book = store.book()
    assert book is not None
    assert book.orders["odd"].units() == {cell: 2, A: 1}
    assert ask(kv.Resolve("odd", "roll_back")) is Outcome.ROLLED_BACK
    assert ask(kv.ReadCells((cell, A))) == (3, 5)
