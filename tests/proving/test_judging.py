"""The judge accuses no true history, and sees a lie.

True histories are made from the specification: operations take effect one after the other, at
random points, and each is sent some time before its point and answered some time after it.
"""

import random
from dataclasses import replace

import pytest

from inventory_core.domain import Cell, Line, Order, Outcome
from inventory_core.strategy import Promise
from scenarios.proving.judging import Account, Heard, Remains, judge_end
from scenarios.proving.judging.specification import Hold, Shop, carry_out_alone
from scenarios.proving.operations import Adjustment, Operation, Verb

CELL = Cell("a")
VERBS = (Verb.DEDUCT, Verb.DEDUCT, Verb.DEDUCT, Verb.ROLL_BACK, Verb.PAY, Verb.SHIP, Verb.ADJUST)
AT_REST = Remains(books=())


def an_operation(dice: random.Random) -> Operation:
    verb, number = dice.choice(VERBS), dice.choice("123")
    if verb is Verb.ADJUST:
        return Operation(verb, adjustment=Adjustment(f"key {number}", CELL, dice.choice((1, -1))))
    return Operation(verb, order=Order(number, (Line(CELL, 1 + int(number) % 2),)))


def true_history(dice: random.Random) -> tuple[Account, dict[str, Hold]]:
    """Up to six operations; some are never answered. Also the holds at the end."""
    shop = start = Shop(((CELL, dice.randrange(4)),))
    points = sorted(dice.sample(range(100), dice.randint(1, 6)))
    lived = []
    for point in points:
        operation = an_operation(dice)
        answer, shop = carry_out_alone(shop, operation)
        sent, replied = point - dice.randrange(30), point + dice.randrange(30)
        doubted = dice.random() < 0.15
        lived.append((operation, sent, None if doubted else replied, answer))
    heard = []
    for slot, (operation, sent, replied, answer) in enumerate(lived):
        before = sum(1 << n for n, (_, _, r, _) in enumerate(lived) if r is not None and r < sent)
        said = answer if replied is not None else None
        heard.append(Heard(slot, operation, before, said))
    return Account(start, tuple(heard), time_passed=False, recovers=False), dict(shop.holds)


@pytest.mark.slow
def test_no_true_history_is_accused() -> None:
    dice = random.Random(20)
    for number in range(3_000):
        account, _ = true_history(dice)
        assert judge_end(account, AT_REST) == {}, f"history {number}: {account}"


@pytest.mark.slow
def test_a_refusal_that_had_stock_all_along_is_a_lie() -> None:
    dice, lies = random.Random(7), 0
    for _ in range(500):
        account, _ = true_history(dice)
        plenty = replace(account, shop=Shop(((CELL, 50),)))
        refused = [h for h in plenty.heard if h.answer is Outcome.REFUSED]
        found = judge_end(plenty, AT_REST)
        lies += bool(refused)
        if refused:
            assert Promise.NO_FALSE_SOLD_OUT in found
            assert Promise.LINEARIZABLE in found
    assert lies > 50


def heard(*deliveries: tuple[Operation, int, Outcome | None], units: int = 1) -> Account:
    told = (Heard(slot, *delivery) for slot, delivery in enumerate(deliveries))
    return Account(Shop(((CELL, units),)), tuple(told), time_passed=False, recovers=False)


def deduct(number: str, units: int = 1) -> Operation:
    return Operation(Verb.DEDUCT, order=Order(number, (Line(CELL, units),)))


def cancel(number: str) -> Operation:
    return Operation(Verb.ROLL_BACK, order=Order(number, (Line(CELL, 1),)))


def test_two_buyers_of_one_unit_are_one_too_many() -> None:
    account = heard((deduct("1"), 0, Outcome.DEDUCTED), (deduct("2"), 0, Outcome.DEDUCTED))
    found = judge_end(account, AT_REST)
    assert found[Promise.NEVER_OVERSELLS] == (
        "promised 2 units of a@online to order 1 and order 2, out of 1"
    )


def test_a_give_back_counts_from_its_request() -> None:
    account = heard(
        (deduct("1"), 0, Outcome.DEDUCTED),
        (cancel("1"), 0b1, None),
        (deduct("2"), 0b1, Outcome.DEDUCTED),
    )
    assert judge_end(account, AT_REST) == {}


def test_who_comes_after_a_finished_rollback_must_find_the_unit() -> None:
    account = heard(
        (deduct("1"), 0, Outcome.DEDUCTED),
        (cancel("1"), 0b1, Outcome.ROLLED_BACK),
        (deduct("2"), 0b11, Outcome.REFUSED),
    )
    assert Promise.NO_FALSE_SOLD_OUT in judge_end(account, AT_REST)


def test_who_comes_during_a_rollback_may_be_refused() -> None:
    account = heard(
        (deduct("1"), 0, Outcome.DEDUCTED),
        (cancel("1"), 0b1, Outcome.ROLLED_BACK),
        (deduct("2"), 0b1, Outcome.REFUSED),
    )
    assert judge_end(account, AT_REST) == {}


def test_what_is_in_doubt_may_have_taken_the_unit() -> None:
    account = heard((deduct("1"), 0, None), (deduct("2"), 0, Outcome.REFUSED))
    assert judge_end(account, AT_REST) == {}


def test_deducted_and_tombstoned_cannot_both_be() -> None:
    account = heard((deduct("1"), 0, Outcome.DEDUCTED), (cancel("1"), 0, Outcome.TOMBSTONED))
    assert Promise.EXACTLY_ONCE in judge_end(account, AT_REST)
