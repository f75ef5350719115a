"""The engine agrees with queueing theory: M/M/1, M/D/1, M/M/c, and a closed network by MVA.

Each mean is the mean of independent replications at fixed seeds; theory must lie within the 99.9 %
interval around it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from statistics import fmean, stdev

import pytest
import simpy
from scipy.stats import t as student

from scenarios.predicting.loop import Goes, Loop
from scenarios.predicting.resources import Cores, Flush, Turns
from scenarios.predicting.theory import erlang_c, md1_wait_s, mmc_wait_s, mva

CERTAINTY = 0.999
REPLICATIONS = 20

pytestmark = pytest.mark.slow


def interval(values: Sequence[float]) -> tuple[float, float]:
    reach = float(student.ppf((1 + CERTAINTY) / 2, len(values) - 1))
    wide = reach * stdev(values) / len(values) ** 0.5
    return fmean(values) - wide, fmean(values) + wide


def mean_wait_s(
    servers: int, rate_per_s: float, service: Callable[[random.Random], float], seed: int
) -> float:
    """Waits of Poisson arrivals at processors, after the first tenth."""
    dice, cores = random.Random(seed), Cores(servers)
    env = simpy.Environment()
    waits: list[float] = []

    def arrivals() -> object:
        for _ in range(20_000):
            yield env.timeout(dice.expovariate(rate_per_s))
            work_s = service(dice)
            waits.append(cores.done_s(env.now, work_s) - work_s - env.now)

    env.process(arrivals())  # type: ignore[arg-type]
    env.run()
    return fmean(waits[2_000:])


@pytest.mark.parametrize("load", [0.3, 0.7])
@pytest.mark.parametrize("servers", [1, 2, 4])
def test_processors_are_m_m_c(servers: int, load: float) -> None:
    rate_per_s = servers * load
    waits = [
        mean_wait_s(servers, rate_per_s, lambda dice: dice.expovariate(1.0), seed)
        for seed in range(REPLICATIONS)
    ]
    low, high = interval(waits)
    assert low <= mmc_wait_s(servers, rate_per_s, 1.0) <= high


@pytest.mark.parametrize("load", [0.5, 0.8])
def test_one_processor_with_equal_work_is_m_d_1(load: float) -> None:
    waits = [mean_wait_s(1, load, lambda _: 1.0, seed) for seed in range(REPLICATIONS)]
    low, high = interval(waits)
    assert low <= md1_wait_s(load, 1.0) <= high


def test_a_wrong_theory_is_noticed() -> None:
    waits = [mean_wait_s(1, 0.7, lambda _: 1.0, seed) for seed in range(REPLICATIONS)]
    low, high = interval(waits)
    assert not low <= mmc_wait_s(1, 0.7, 1.0) <= high


@pytest.mark.parametrize("clients", [1, 2, 8, 32])
def test_a_closed_network_is_that_of_mean_value_analysis(clients: int) -> None:
    demands_s, think_s = (0.5, 1.0, 0.25), 2.0

    def rate_per_s(seed: int) -> float:
        dice, env = random.Random(seed), simpy.Environment()
        stations = [Cores(1) for _ in demands_s]
        done = 0

        def client() -> object:
            nonlocal done
            while True:
                yield env.timeout(dice.expovariate(1 / think_s))
                for station, mean_s in zip(stations, demands_s, strict=True):
                    work_s = dice.expovariate(1 / mean_s)
                    yield env.timeout(station.done_s(env.now, work_s) - env.now)
                done += 1

        for _ in range(clients):
            env.process(client())  # type: ignore[arg-type]
        env.run(500)
        before = done
        env.run(3_000)
        return (done - before) / 2_500

    low, high = interval([rate_per_s(seed) for seed in range(REPLICATIONS)])
    assert low <= mva(clients, demands_s, think_s)[0] <= high


def test_erlang_c_of_one_server_is_its_load() -> None:
    assert erlang_c(1, 0.6) == pytest.approx(0.6)


def test_whoever_writes_during_a_flush_shares_the_next() -> None:
    disk = Flush(10.0)
    assert disk.done_s(0.0) == 10.0
    assert disk.done_s(1.0) == disk.done_s(9.0) == 20.0
    assert disk.done_s(12.0) == 30.0
    assert disk.done_s(100.0) == 110.0
    assert disk.count == 4


def test_turns_are_taken_one_after_the_other() -> None:
    env = Loop()
    cores, turns = Cores(2, wake_s=0.5), Turns(env)
    ended: list[tuple[str, float]] = []

    def works(name: str, after_s: float) -> Goes:
        yield after_s
        yield turns.take(cores, 2.0, crowded=0.5)
        turns.pass_on()
        ended.append((name, env.now))

    for name, after_s in (("first", 0.0), ("second", 1.0), ("third", 1.5), ("late", 9.0)):
        env.process(works(name, after_s))
    env.run()
    # Whoever waited goes on at once, and at the pace of a crowd; who comes later wakes it first.
    assert ended == [("first", 2.5), ("second", 3.5), ("third", 4.5), ("late", 11.5)]


def test_who_stands_still_does_nothing_until_then() -> None:
    env = Loop()
    cores, turns = Cores(1), Turns(env)
    ended: list[float] = []

    def works(after_s: float) -> Goes:
        yield after_s
        yield turns.take(cores, 1.0)
        turns.pass_on()
        ended.append(env.now)

    def stops() -> Goes:
        yield 2.5
        turns.still_until_s = 15.0  # in the middle of a turn, which goes on; the next one waits

    turns.still_until_s = 0.5
    crowd = [works(0.0), works(2.0), works(2.1), works(2.2), stops()]
    env.run(env.all_of([env.process(goes) for goes in crowd]))
    assert ended == [1.5, 3.0, 16.0, 17.0]


def test_turns_that_are_drawn_are_not_those_of_a_queue() -> None:
    def order(dice: random.Random | None) -> list[int]:
        env = Loop()
        cores, turns, ended = Cores(1), Turns(env, dice), list[int]()

        def works(number: int) -> Goes:
            yield turns.take(cores, 1.0)
            turns.pass_on()
            ended.append(number)

        for number in range(20):
            env.process(works(number))
        env.run()
        return ended

    assert order(None) == list(range(20))
    drawn = order(random.Random(1))
    assert drawn != list(range(20))
    assert sorted(drawn) == list(range(20))


def test_an_idle_processor_takes_its_time_to_wake() -> None:
    cores = Cores(1, wake_s=0.5)
    assert cores.done_s(1.0, 2.0) == 3.5
    assert cores.done_s(2.0, 1.0) == 4.5  # busy: no wake
    assert cores.busy_s == 3.0
