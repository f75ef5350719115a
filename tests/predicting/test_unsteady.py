"""The same work does not always take as long, and a crowd is served in no order: tails."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from scenarios.predicting.calibration import unsteadiness
from scenarios.predicting.levelling import Beside
from scenarios.predicting.looking import Look
from scenarios.predicting.profile import Profile
from scenarios.predicting.resources import LUCKS, Cores, unsteady
from scenarios.predicting.run import Asked, simulate
from tests.predicting.conftest import PLAIN, sale


def took_us(profile: Profile, strategy: str, clients: int) -> np.ndarray:
    """Of each order, in a sale that never sells out."""
    crowd = ("demand.processes=1", f"demand.connections={clients}", "demand.pool=0")
    scenario = sale("stock.quantity=10000000", *crowd)
    played = simulate(Asked(scenario, strategy, profile, 1, 0.2)).results[0]
    return (played.replied_ns - played.sent_ns) / 1e3


def test_luck_evens_out_and_is_as_wide_as_it_was_asked_to_be() -> None:
    luck = unsteady(0.4, random.Random(1))
    assert luck is not None
    factors = np.array(list(islice(luck, LUCKS)))
    assert factors.mean() == pytest.approx(1.0, rel=0.01)
    assert np.log(factors).std() == pytest.approx(0.4, rel=0.02)
    assert unsteady(0.0, random.Random(1)) is None


def test_luck_comes_with_the_seed() -> None:
    def begun(seed: int) -> list[float]:
        return list(islice(unsteady(0.4, random.Random(seed)) or (), 5))

    assert begun(1) == begun(1) != begun(2)
    assert len(begun(1)) == 5


def test_a_calibration_finds_how_unsteady_steps_are() -> None:
    dice = np.random.default_rng(1)

    def seen(spread: float) -> Look:
        both_us = sum(50 * np.exp(dice.normal(0, spread, 20_000)) for _ in range(2))
        steps = {"TakeIfEnough": both_us}
        beside = Beside(1.0, has_rows=True)
        return Look("row_lock", 1.0, 1.0, 1.0, 1.0, None, steps, {"TakeIfEnough": 1.0}, beside)

    assert unsteadiness([seen(0.0)]) == 0.0
    assert unsteadiness([seen(0.3)]) == pytest.approx(0.3, rel=0.15)
    assert unsteadiness([]) == 0.0


def test_work_is_as_long_as_luck_has_it() -> None:
    cores = Cores(1, luck=iter((2.0, 0.5)))
    assert cores.done_s(0.0, 1.0) == 2.0
    assert cores.done_s(2.0, 1.0) == 2.5
    assert cores.busy_s == 2.5


def test_one_client_of_an_unsteady_machine_has_a_tail_and_the_same_mean() -> None:
    steady = took_us(PLAIN, "redis_script", 1)
    machine = replace(PLAIN.machine, unsteady=0.5)
    luck = took_us(replace(PLAIN, machine=machine), "redis_script", 1)
    assert np.percentile(steady, 99) == pytest.approx(steady.mean(), rel=0.02)
    assert np.percentile(luck, 99) > 1.6 * luck.mean()
    assert luck.mean() == pytest.approx(steady.mean(), rel=0.05)


def test_a_crowd_at_redis_is_served_in_no_order() -> None:
    crowd = took_us(replace(PLAIN, kv=replace(PLAIN.kv, command_us=50)), "redis_script", 24)
    assert np.percentile(crowd, 99) > 3 * crowd.mean()
