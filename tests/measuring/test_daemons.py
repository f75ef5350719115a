"""What the sweeper does is recorded, daemons settle, and a bug in one ends the run."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import pytest

from inventory_core.domain import Outcome
from inventory_core.drivers import carry_out
from inventory_core.steps import ConnectionLost, Step, kv
from inventory_core.stores.session import Session
from inventory_core.strategy import Daemon
from scenarios.measuring.client import UNKNOWN
from scenarios.measuring.daemons import SETTLE_TURNS, Daemons, Expiry, observed
from strategies.noop import Noop
from strategies.redis_script import RedisScript


class DueOnce:
    """Keys with three holds that are due, until they are swept."""

    def __init__(self, last: object = Outcome.EXPIRED) -> None:
        self.due: tuple[str, ...] = ("o1", "o2", "o3")
        self.last = last

    @property
    def handlers(self) -> dict[type[Step[Any]], Any]:
        return {kv.DueHolds: self._due_holds, kv.Resolve: self._resolve}

    def _due_holds(self, _: Step[Any]) -> tuple[str, ...]:
        return self.due

    def _resolve(self, step: kv.Resolve) -> Outcome:
        self.due = tuple(number for number in self.due if number != step.order_number)
        if not self.due and isinstance(self.last, BaseException):
            raise self.last
        return Outcome.EXPIRED

    def reset(self) -> None:
        pass

    def close(self) -> None:
        pass


def test_what_the_sweeper_expires_is_recorded_with_its_times() -> None:
    daemons = Daemons(RedisScript(), lambda: Session([DueOnce()]))
    daemons.start()
    assert daemons.settle()
    daemons.close()
    assert [each.order_number for each in daemons.expiries] == ["o1", "o2", "o3"]
    assert {each.answer for each in daemons.expiries} == {Outcome.EXPIRED}
    assert all(each.sent_ns <= each.replied_ns for each in daemons.expiries)


def test_who_is_given_up_stops_in_the_middle_of_a_turn_and_has_not_settled() -> None:
    store = DueOnce()
    store.due = tuple(f"o{number}" for number in range(1_000_000))
    daemons = Daemons(RedisScript(), lambda: Session([store]))
    daemons.start()
    until_s = time.monotonic() + 30
    while len(daemons.expiries) < 3 and time.monotonic() < until_s:
        time.sleep(0.001)
    daemons.give_up()
    assert not daemons.settle()
    daemons.close()
    assert 3 <= len(daemons.expiries) < 1_000_000


def test_who_never_comes_to_rest_is_waited_for_so_long_and_no_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class AlwaysDue(DueOnce):
        def _resolve(self, _: Step[Any]) -> Outcome:
            return Outcome.EXPIRED

    monkeypatch.setattr("scenarios.measuring.daemons.SETTLE_WITHIN_S", 0.02)
    daemons = Daemons(RedisScript(), lambda: Session([AlwaysDue()]))
    assert not daemons.settle()
    daemons.close()
    assert len(daemons.expiries) < SETTLE_TURNS


def test_an_expiry_whose_reply_is_lost_is_recorded_as_unknown() -> None:
    seen: list[Expiry] = []
    session = Session([DueOnce(ConnectionLost())])
    strategy = observed(RedisScript(), seen.append)
    with pytest.raises(ConnectionLost):
        carry_out(strategy.sweep(), session.perform)
    assert [each.answer for each in seen] == [Outcome.EXPIRED, Outcome.EXPIRED, UNKNOWN]


def test_the_observed_strategy_is_the_same_but_for_its_witness() -> None:
    twin = observed(RedisScript(), lambda _: None)
    assert isinstance(twin, RedisScript)
    assert twin.limits == RedisScript().limits


@dataclass(frozen=True)
class NeverDone(Noop):
    """Has a daemon that always finds work."""

    def daemons(self) -> tuple[Daemon, ...]:
        return (Daemon("restless", self._turn),)

    async def _turn(self) -> bool:
        return True


@dataclass(frozen=True)
class Broken(NeverDone):
    """Has a daemon with a bug."""

    async def _turn(self) -> bool:
        raise AssertionError("a planted bug")


def test_daemons_that_never_rest_are_given_up_and_that_is_said() -> None:
    daemons = Daemons(NeverDone(), lambda: Session([]))
    assert daemons.settle() is False


def test_a_bug_in_a_daemon_ends_the_run() -> None:
    daemons = Daemons(Broken(), lambda: Session([]))
    daemons.start()
    with pytest.raises(AssertionError, match="planted"):
        daemons.settle()
