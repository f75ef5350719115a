"""The short way to sleep is SimPy's long one: the same happens, at the same time, in one order."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
import simpy

from scenarios.predicting.loop import PARKED, Goes, Loop

Told = list[tuple[float, int, int]]


def _crowd(env: Any, seed: int, sleep: Any) -> Told:
    """Processes that sleep, wait for each other's events, and start others; what they did, when."""
    dice, told = random.Random(seed), Told()
    bells = [env.event() for _ in range(5)]

    def lives(number: int, depth: int) -> Iterator[Any]:
        for turn in range(6):
            told.append((env.now, number, turn))
            what = dice.randrange(5)
            if what < 2:
                yield sleep(dice.choice((0.0, 0.5, 0.5, 1.25)))
            elif what == 2:
                bell = dice.randrange(len(bells))
                if bells[bell].triggered:
                    bells[bell] = env.event()
                yield bells[bell] | env.timeout(2.0)
            elif what == 3:
                bell = dice.randrange(len(bells))
                if not bells[bell].triggered:
                    bells[bell].succeed(number)
            elif depth < 3:
                told.append(
                    (env.now, number, (yield env.process(lives(10 * number + 1, depth + 1))))
                )
        return number

    env.run(env.all_of([env.process(lives(number, 0)) for number in range(1, 8)]))
    return told


@pytest.mark.parametrize("seed", range(20))
def test_the_short_way_is_the_long_one(seed: int) -> None:
    plain = simpy.Environment()
    expected = _crowd(plain, seed, plain.timeout)
    assert len(expected) > 40
    assert _crowd(Loop(), seed, lambda seconds: seconds) == expected


def test_the_others_go_on_in_the_order_in_which_they_began_to_sleep() -> None:
    env, told = Loop(), list[int]()

    def sleeps(number: int) -> Goes:
        yield 1
        yield 1.0
        told.append(number)

    for number in range(5):
        env.process(sleeps(number))
    env.run()
    assert told == list(range(5))
    assert env.now == 2.0


def test_who_is_parked_is_woken_by_another() -> None:
    env, told = Loop(), list[float]()

    def parked() -> Goes:
        told.append((yield PARKED) or env.now)

    def wakes(whom: Any) -> Goes:
        yield 3.0
        env.wake(whom, 2.0)

    env.process(wakes(env.process(parked())))
    env.run(7.0)
    assert told == [5.0]
    assert env.now == 7.0


def test_an_error_belongs_to_who_waits_for_the_process() -> None:
    env = Loop()

    def fails() -> Goes:
        yield 1.0
        raise LookupError("lost")

    def waits() -> Goes:
        with pytest.raises(LookupError, match="lost"):
            yield env.process(fails())
        return env.now

    assert env.run(env.process(waits())) == 1.0
    with pytest.raises(LookupError, match="lost"):
        env.run(env.process(fails()))
    env.process(fails())
    with pytest.raises(LookupError, match="lost"):  # nobody waits: the simulation ends
        env.run()


def test_a_run_whose_end_cannot_come_is_an_error() -> None:
    env = Loop()
    with pytest.raises(RuntimeError, match="nothing is left to happen"):
        env.run(env.event())
