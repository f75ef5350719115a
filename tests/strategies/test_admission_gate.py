"""Who was refused at the gate stays refused, whatever comes back before the order is sent again."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from inventory_core.domain import Cell, Line, Opening, Order, Outcome
from inventory_core.drivers import carry_out
from inventory_core.steps import gate
from inventory_core.strategy import Strategy
from inventory_core.strategy.registry import make
from scenarios.model import model_place

A = Cell("a")
TWICE = Order("twice", (Line(A, 1),))
NEVER_THE_SAME = count()


class Forgetful(gate.Admit):
    """Planted: a gate that does not know whom it has seen before."""

    def keys(self) -> tuple[str, ...]:
        known, own, *flags = super().keys()
        return (known, f"{own} {next(NEVER_THE_SAME)}", *flags)


def told_twice() -> list[Outcome]:
    """One sells it out, one meets the end, one is refused at the gate; then a unit comes back."""
    place = model_place()
    perform = place.connect().perform
    strategy: Strategy = make("admission_gate")

    def run(plan: Any) -> Any:
        return carry_out(plan, perform)

    run(strategy.load([Opening(A, 1)]))
    assert run(strategy.deduct(Order("first", (Line(A, 1),)))) is Outcome.DEDUCTED
    assert run(strategy.deduct(Order("late", (Line(A, 1),)))) is Outcome.REFUSED  # sets the flag
    answers = [run(strategy.deduct(TWICE))]
    assert run(strategy.roll_back("first")) is Outcome.ROLLED_BACK  # takes the flag away
    answers.append(run(strategy.deduct(TWICE)))
    assert run(strategy.deduct(Order("next", (Line(A, 1),)))) is Outcome.DEDUCTED or (
        answers[-1] is Outcome.DEDUCTED
    ), "a unit is there again"
    return answers


def test_who_was_refused_at_the_gate_is_refused_again() -> None:
    assert told_twice() == [Outcome.REFUSED, Outcome.REFUSED]


def test_a_planted_gate_that_forgets_tells_an_order_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "Admit", Forgetful)
    assert told_twice() == [Outcome.REFUSED, Outcome.DEDUCTED]


def test_who_was_let_in_needs_no_second_token() -> None:
    place = model_place()
    perform = place.connect().perform
    assert carry_out(_asks(gate.Admit(TWICE, 0, 1)), perform) is Outcome.DEDUCTED
    other = Order("other", (Line(A, 1),))
    assert carry_out(_asks(gate.Admit(other, 0, 1)), perform) is Outcome.CONTENDED
    assert carry_out(_asks(gate.Admit(TWICE, 0, 1)), perform) is Outcome.DEDUCTED


async def _asks(step: gate.Admit) -> Outcome:
    return await step
