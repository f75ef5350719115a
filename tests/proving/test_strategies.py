"""The catalogue, held to its promises: every schedule, every crash, every lost reply."""

from dataclasses import replace

import pytest

from inventory_core.strategy import Promise
from inventory_core.strategy.registry import make, strategies
from scenarios.proving import Proof, prove
from scenarios.proving.cases import CASES
from scenarios.proving.explorer import Bounds
from scenarios.proving.trial import try_out
from scenarios.proving.world import LIMITS


@pytest.fixture(scope="module")
def proofs() -> dict[str, Proof]:
    names = list(strategies())
    return {proof.strategy: proof for proof in prove(names, processes=2)}


@pytest.mark.slow
@pytest.mark.timeout(1_800)  # the first waits for all proofs
@pytest.mark.parametrize("name", list(strategies()))
def test_a_strategy_keeps_its_promises_and_a_control_is_caught(
    name: str, proofs: dict[str, Proof]
) -> None:
    proof = proofs[name]
    assert proof.stands, proof.timeline
    assert not proof.bounded
    assert proof.under_promised == []


@pytest.mark.parametrize("time_moves, oversells", [(0, False), (1, True)])
def test_a_lock_without_a_fence_oversells_only_if_its_lease_may_run_out(
    time_moves: int, oversells: bool
) -> None:
    case = replace(CASES["a holder pauses, 1 line"], time_moves=time_moves)
    trial, _, _ = try_out(make("redis_lock", LIMITS), case, Bounds())
    assert (Promise.NEVER_OVERSELLS in trial.breaches) is oversells
