"""Groups: decided as one after the other would be, and every way of leading one badly is caught."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory_core.domain import Cell, HoldState, Line, Order, Outcome
from inventory_core.steps import ConstraintBroken, mailbox, sql
from inventory_core.steps.sql import StoredOrder
from inventory_core.strategy import Promise
from inventory_core.strategy.merging import cells_of, different, settle, settle_in_plenty
from scenarios.proving.cases import CASES
from scenarios.proving.explorer import Bounds
from scenarios.proving.trial import try_out
from scenarios.proving.world import LIMITS
from strategies.merged_update import QUEUE, MergedUpdate

CELLS = [Cell("a"), Cell("b"), Cell("c")]
lines = st.lists(st.builds(Line, st.sampled_from(CELLS), st.integers(1, 4)), min_size=1, max_size=4)
orders = st.builds(lambda number, of: Order(str(number), tuple(of)), st.integers(0, 12), lines)
FRESH = StoredOrder(True, HoldState.HELD, 1, "", False)


def one_by_one(group: Sequence[Order], left: dict[Cell, int]) -> list[Outcome]:
    """What the orders get if they come one after the other."""
    stored: dict[str, StoredOrder] = {}
    answers = []
    for order in group:
        if order.number in stored:
            answers.append(stored[order.number].answer_to(order))
            continue
        fits = all(left[take.cell] >= take.quantity for take in order.takes)
        for take in order.takes if fits else ():
            left[take.cell] -= take.quantity
        state = HoldState.HELD if fits else HoldState.REFUSED
        stored[order.number] = FRESH._replace(state=state, fingerprint=order.fingerprint)
        answers.append(Outcome.DEDUCTED if fits else Outcome.REFUSED)
    return answers


@given(st.lists(orders, max_size=30), st.lists(st.integers(0, 20), min_size=3, max_size=3))
def test_a_group_gets_what_its_orders_would_get_one_by_one(
    group: list[Order], units: list[int]
) -> None:
    stock = dict(zip(CELLS, units, strict=True))
    claims = {one.number: FRESH._replace(fingerprint=one.fingerprint) for one in different(group)}
    left = {cell: stock[cell] for cell in cells_of(group)}
    settled = settle(group, claims, left)
    after = dict(stock)
    assert list(settled.outcomes) == one_by_one(group, after)
    for take in settled.taken:
        stock[take.cell] -= take.quantity
    assert stock == after


@given(st.lists(orders, min_size=1, max_size=30), st.sets(st.integers(0, 12)))
def test_a_group_in_plenty_gets_what_its_orders_would_get_one_by_one(
    group: list[Order], before: set[int]
) -> None:
    """`before`: the numbers under which an order of one unit of the first cell is stored."""
    first = [Order(str(number), (Line(CELLS[0], 1),)) for number in sorted(before)]
    plenty = dict.fromkeys(CELLS, 1000)
    expected = one_by_one([*first, *group], plenty)[len(first) :]
    plan = settle_in_plenty(group)
    asked = plan.send(None)
    assert isinstance(asked, sql.ClaimAndTakeAll)
    assert list(asked.orders) == sorted(asked.orders, key=lambda order: order.number)
    claims = {one.number: FRESH._replace(fresh=False, fingerprint=one.fingerprint) for one in first}
    with pytest.raises(StopIteration) as end:
        plan.send(tuple((o.number, claims[o.number]) for o in asked.orders if o.number in claims))
    assert list(end.value.value) == expected


class TakesForGranted(MergedUpdate):
    """Nobody looks closely when there is too little."""

    async def _settle(self, group: Sequence[Order]) -> tuple[Outcome, ...]:
        try:
            return await settle_in_plenty(group)
        except ConstraintBroken:
            return (Outcome.REFUSED,) * len(group)


class ForgetsWhoCameBefore(MergedUpdate):
    """Everybody is told that he has it."""

    async def _settle(self, group: Sequence[Order]) -> tuple[Outcome, ...]:
        return (Outcome.DEDUCTED,) * len(await super()._settle(group))


class LeavesThemWaiting(MergedUpdate):
    """A leader whose connection is gone tells nobody."""

    async def deduct(self, order: Order) -> Outcome:
        seat = await mailbox.Join(QUEUE, order, self.limits.group, self.limits.lanes)
        if not seat.leads:
            answer: Outcome = seat.answer
            return answer
        outcomes = await self._settle(seat.group)
        await mailbox.Reply(QUEUE, seat.ticket, outcomes)
        return outcomes[seat.place]


class TellsTheFirst(MergedUpdate):
    """Everybody is told what the first of the group gets."""

    async def _settle(self, group: Sequence[Order]) -> tuple[Outcome, ...]:
        outcomes = await super()._settle(group)
        return (outcomes[0],) * len(outcomes)


def breaches(kind: type[MergedUpdate], case: str, lanes: int = 1) -> set[Promise]:
    """The promises that fall in a case."""
    strategy = kind(replace(LIMITS, lanes=lanes))
    return set(try_out(strategy, CASES[case], Bounds())[0].breaches)


@pytest.mark.slow
@pytest.mark.parametrize("case", ["last unit, 1 line", "enough for both, 2 lines"])
def test_two_groups_at_once_are_exact_as_well(case: str) -> None:
    assert breaches(MergedUpdate, case, lanes=2) == set()


def test_a_leader_who_refuses_all_when_not_all_can_have_it_is_caught() -> None:
    assert Promise.NO_FALSE_SOLD_OUT in breaches(TakesForGranted, "last unit, 1 line")


def test_a_leader_who_forgets_who_came_before_is_caught() -> None:
    assert breaches(ForgetsWhoCameBefore, "another body, 1 line")


def test_a_leader_who_leaves_others_waiting_is_caught() -> None:
    assert breaches(LeavesThemWaiting, "quantities that do not fit, 1 line")


def test_a_leader_who_mixes_the_answers_up_is_caught() -> None:
    assert breaches(TellsTheFirst, "quantities that do not fit, 1 line")
