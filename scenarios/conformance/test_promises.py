"""Every promise in every case of the proof: all interleavings, deaths and lost replies.

Only for strategies that were named: ours are proved by `stockproof prove`.
"""

from __future__ import annotations

import pytest

from inventory_core.strategy import registry
from scenarios.conformance.judged import judged
from scenarios.proving import prove
from scenarios.proving.cases import CASES


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every named strategy in every case."""
    named: list[str] = metafunc.config.getoption("--stockproof-strategy", default=[])
    metafunc.parametrize("name", judged(named) if named else [])
    if "title" in metafunc.fixturenames:
        metafunc.parametrize("title", list(CASES))


def test_every_promise_holds_on_every_schedule(name: str, title: str) -> None:
    (proof,) = prove([name], titles=[title])
    broken = ", ".join(proof.promises_broken)
    assert not broken, f"{name} breaks: {broken}\n{proof.timeline}"
    assert not proof.bounded, "the case is too large to be explored whole"


def test_its_class_says_what_it_is(name: str) -> None:
    kind = registry.find_strategy(name)
    assert kind.family, "a family, in one word, for tables"
    assert kind.promises.kept, "a strategy that promises nothing cannot be judged"
