"""The quick rule for single units says the same as trying every order of the deductions."""

import random
from itertools import permutations

import numpy as np
import pytest

from scenarios.checks import judge
from scenarios.checks.linearizable import complain
from tests.scenarios.made_up_runs import IdealShop, one_cell

Small = list[tuple[str, int, int]]


def a_small_history(dice: random.Random) -> tuple[int, Small]:
    """A few deductions with random intervals and random answers, true or not."""
    history = []
    for _ in range(dice.randint(1, 5)):
        sent = dice.randint(0, 12)
        answer = dice.choice(("ok", "ok", "refused", "unknown"))
        history.append((answer, sent, sent + dice.randint(1, 8)))
    return dice.randint(0, 3), history


def some_order_explains(stock: int, history: Small) -> bool:
    """Try every order that respects time; an unknown one may happen or not, even later."""
    return any(respects_time(order) and explains(stock, order) for order in permutations(history))


def respects_time(order: tuple[tuple[str, int, int], ...]) -> bool:
    return not any(
        later[0] != "unknown" and later[2] <= earlier[1]
        for place, earlier in enumerate(order)
        for later in order[place + 1 :]
    )


def explains(stock: int, order: tuple[tuple[str, int, int], ...]) -> bool:
    """Is there a choice of which unknown ones happened, under which every answer is right?"""
    lefts = {stock}
    for answer, _, _ in order:
        if answer == "ok":
            lefts = {left - 1 for left in lefts if left > 0}
        elif answer == "refused":
            lefts = {left for left in lefts if left == 0}
        else:
            lefts = lefts | {left - 1 for left in lefts if left > 0}
    return bool(lefts)


def quick(stock: int, history: Small) -> bool:
    def column(answer: str, place: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.asarray([row[place] for row in history if row[0] == answer], dtype=np.int64)

    sent, refused = column("ok", 1), column("refused", 2)
    return complain(stock, sent, refused, column("unknown", 1)) is None


@pytest.mark.slow
def test_the_rule_agrees_with_brute_force_on_thousands_of_small_histories() -> None:
    dice = random.Random(7)
    verdicts = []
    for number in range(6_000):
        stock, history = a_small_history(dice)
        truth = some_order_explains(stock, history)
        assert quick(stock, history) == truth, f"history {number}: stock {stock}, {history}"
        verdicts.append(truth)
    assert 1_000 < sum(verdicts) < 5_000, "the histories must be mixed to mean something"


@pytest.mark.slow
def test_an_ideal_shop_of_single_units_is_judged_and_holds() -> None:
    for seed in range(150):
        finding = judge(IdealShop(seed, unit=True).play(20).case())[6]
        assert finding.state == "holds", f"seed {seed}: {finding}"


def test_a_sale_sent_after_somebody_was_refused_breaks_the_order() -> None:
    run = one_cell(2)
    run.sold("1", 0, 10)
    run.refused("2", 20, 30)
    run.sold("3", 40, 50)
    finding = judge(run.case())[6]
    assert finding.state == "broken"
    assert finding.first
    assert finding.first.at_ns == 30


def test_baskets_are_not_judged_by_the_rule_for_single_units() -> None:
    run = one_cell(5)
    run.sold("1", 0, 10, lines="a@online=2")
    assert judge(run.case())[6].state == "not judged"
