"""Costs that were planted are found again, by whoever searches."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from scenarios.predicting.observing import SCRIPT, UPDATE, Probe
from scenarios.predicting.profile import Profile
from scenarios.predicting.searching import AWAKE_KEYS, HAND_OVER, found_by, simulated

PLAIN = Profile("plain")


def seen_with(profile: Profile, name: str) -> list[Probe]:
    """What probes on one row give where these are the costs."""
    asked = [Probe(name, 1, clients, 1.0) for clients in (2, 8)]
    return [
        replace(probe, orders_per_s=simulated(profile, probe).simulated_per_s) for probe in asked
    ]


def backwards(work: Callable[[Any], Any], parts: list[Any]) -> Iterable[Any]:
    """As other processes may: the last part is done first."""
    return [work(part) for part in reversed(parts)]


@pytest.mark.slow
def test_planted_costs_of_a_hot_row_are_found() -> None:
    planted = HAND_OVER.with_costs(PLAIN, (90.0, 6.0))
    blank = HAND_OVER.with_costs(PLAIN, (1.0, 1.0))
    probes = seen_with(planted, UPDATE)
    found = found_by([(replace(HAND_OVER, tries=24), probes)], blank)
    assert all(abs(simulated(found, probe).error) < 0.08 for probe in probes), probes
    assert all(abs(simulated(blank, probe).error) > 0.08 for probe in probes), "nothing to find"


@pytest.mark.slow
def test_it_does_not_matter_which_probe_is_done_first() -> None:
    searches = [
        (replace(HAND_OVER, tries=4), seen_with(PLAIN, UPDATE)),
        (replace(AWAKE_KEYS, tries=3), seen_with(PLAIN, SCRIPT)),
    ]
    assert found_by(searches, PLAIN, backwards) == found_by(searches, PLAIN)


def test_costs_are_kept_within_what_can_be_true_and_by_name() -> None:
    found = replace(AWAKE_KEYS, names=("awake_saves_us",)).with_costs(PLAIN, (7.126,))
    assert found.kv.awake_saves_us == 7.13
    assert found.sql == PLAIN.sql
