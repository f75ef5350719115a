"""The catalogue, held to its promises: every schedule, every crash, every lost reply."""

import pytest

from inventory_core.strategy.registry import strategies
from scenarios.proving import Proof, prove


@pytest.fixture(scope="module")
def proofs() -> dict[str, Proof]:
    names = list(strategies())
    return {proof.strategy: proof for proof in prove(names, processes=2)}


@pytest.mark.slow
@pytest.mark.timeout(500)
@pytest.mark.parametrize("name", list(strategies()))
def test_a_strategy_keeps_its_promises_and_a_control_is_caught(
    name: str, proofs: dict[str, Proof]
) -> None:
    proof = proofs[name]
    assert proof.stands, proof.timeline
    assert not proof.bounded
    assert proof.under_promised == []
