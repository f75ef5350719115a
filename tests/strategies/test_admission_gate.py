"""Who was refused at the gate stays refused, whatever comes back before the order is sent again."""

from __future__ import annotations

from itertools import count

import pytest

from inventory_core.domain import Cell, Line, Order, Outcome
from inventory_core.drivers import carry_out
from inventory_core.steps import gate
from inventory_core.strategy import Promise
from inventory_core.strategy.registry import make
from scenarios.model import model_place
from scenarios.proving.cases import CASES
from scenarios.proving.explorer import Bounds
from scenarios.proving.trial import try_out
from scenarios.proving.world import LIMITS

ONCE = Order("once", (Line(Cell("a"), 1),))
OTHER = Order("other", ONCE.lines)
NEVER_THE_SAME = count()


class Forgetful(gate.Admit):
    """Planted: a gate that does not know whom it has seen before."""

    def keys(self) -> tuple[str, ...]:
        known, own, *flags = super().keys()
        return (known, f"{own} {next(NEVER_THE_SAME)}", *flags)


@pytest.mark.parametrize("lines", ["1 line", "2 lines"])
def test_a_planted_gate_that_forgets_tells_an_order_both(
    lines: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES[f"comes again, {lines}"]
    trial, _, _ = try_out(make("admission_gate", LIMITS), case, Bounds())
    assert not trial.breaches
    monkeypatch.setattr(gate, "Admit", Forgetful)
    trial, _, _ = try_out(make("admission_gate", LIMITS), case, Bounds())
    assert "one delivery was deducted" in trial.breaches[Promise.EXACTLY_ONCE].sentence


def test_who_was_let_in_needs_no_second_token() -> None:
    perform = model_place().connect().perform
    answers = [carry_out(_asks(gate.Admit(who, 0, 1)), perform) for who in (ONCE, OTHER, ONCE)]
    assert answers == [Outcome.DEDUCTED, Outcome.CONTENDED, Outcome.DEDUCTED]


async def _asks(step: gate.Admit) -> Outcome:
    return await step
