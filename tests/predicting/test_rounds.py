"""A validation goes round by round: everything once in each, and more buyers than can be served."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from scenarios.predicting import validation
from scenarios.predicting.held_out import Repetition, load_of
from scenarios.predicting.levelling import Beside, Level
from scenarios.predicting.looking import Look
from scenarios.predicting.observing import Probe, Seen
from scenarios.predicting.validation import measured
from scenarios.scenario import Scenario

NAMES = ("fast", "slow")
LEVEL: Level = {True: 100.0}
FIRST = Seen([], {}, 1.0, [Probe("p", 1, 4, 1.0)], {"fast": 1.0, "kept": 7.0}, LEVEL)
ROUNDS = 3


class Rehearsal:
    """Answers as a campaign would: at each load so many orders a second, more in later rounds."""

    hands, repetitions = None, ROUNDS

    def __init__(self) -> None:
        self.met: list[tuple[str, str, int]] = []

    @staticmethod
    def seen(what: str) -> None:
        """Nobody listens."""

    def once(
        self, scenarios: Mapping[str, Scenario], repetition: int, level: Level
    ) -> dict[str, Repetition]:
        assert level is LEVEL
        self.met += [(name, load_of(one), repetition) for name, one in scenarios.items()]
        each = {name: (1_000.0 if name == "fast" else 10.0) for name in scenarios}
        waited_ms = np.ones(300)
        return {n: Repetition(per_s * (1 + repetition), waited_ms) for n, per_s in each.items()}


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """How often was looked at the mechanisms, and at four clients."""
    times = SimpleNamespace(crowds=0, few=0)

    def crowds(*_: Any) -> list[Probe]:
        times.crowds += 1
        return [Probe("p", 1, 4, 10.0 * times.crowds)]

    def a_few(names: tuple[str, ...], *_: Any) -> list[Look]:
        times.few += 1
        at = Beside(100.0, has_rows=True)
        return [Look(name, 10.0 * times.few, 1.0, 1.0, 1.0, None, {}, {}, at) for name in names]

    monkeypatch.setattr(validation, "crowds", crowds)
    monkeypatch.setattr(validation, "a_few", a_few)
    return times


def test_every_round_has_every_load_and_looks_again(looked: SimpleNamespace) -> None:
    campaign: Any = Rehearsal()
    found = measured(FIRST, campaign, NAMES, loads=(2, 16))
    turns = [(load, at) for at in range(ROUNDS) for load in ("2", "16", "saturated")]
    assert campaign.met == [(name, *turn) for turn in turns for name in NAMES]
    assert {len(told) for told in found.live.values()} == {ROUNDS}
    assert set(found.asked) == set(found.live) == {(n, at) for n in NAMES for at, _ in turns}
    assert (looked.crowds, looked.few) == (ROUNDS, ROUNDS)


def test_the_open_loop_follows_what_was_measured_until_then(looked: SimpleNamespace) -> None:
    campaign: Any = Rehearsal()
    found = measured(FIRST, campaign, NAMES, loads=(16,))
    rates = {name: found.asked[name, "saturated"].demand.rate_per_s for name in NAMES}
    assert rates == pytest.approx({"fast": 1.2 * 2_000.0, "slow": 1.2 * 20.0})
    assert looked.few


def test_the_calibration_knows_all_rounds_or_the_first_minutes(looked: SimpleNamespace) -> None:
    campaign: Any = Rehearsal()
    found = measured(FIRST, campaign, NAMES, loads=(2,))
    assert found.first is FIRST
    assert found.throughout.probes == [Probe("p", 1, 4, 15.0)]  # of 1, 10, 20 and 30
    assert found.throughout.few == {"fast": 20.0, "slow": 20.0, "kept": 7.0}
    assert not [load for _, load in found.live if load == "saturated"]
