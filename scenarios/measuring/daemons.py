"""A strategy's helpers beside the buyers: each loops turns of its daemon on its own connection.

They run as threads of the parent, which is idle while the workers play. What the sweeper expires is
recorded like any other attempt: otherwise units would come back without anybody knowing when.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from math import inf, isfinite
from typing import Any, NamedTuple

from inventory_core.domain import Outcome
from inventory_core.drivers import carry_out
from inventory_core.steps import ConnectionLost, Step, StepError
from inventory_core.stores.session import Session
from inventory_core.strategy import Daemon, Strategy
from scenarios.measuring.client import ERROR, UNKNOWN, Answer, Clock

SETTLE_WITHIN_S = 5.0
SETTLE_TURNS = 10_000
"""After the buyers have gone, daemons get this long, and so many turns, to finish their work."""


class Expiry(NamedTuple):
    """One hold that a sweeper tried to expire. Times are those of the clock."""

    order_number: str
    sent_ns: int
    replied_ns: int
    answer: Answer


def observed(
    strategy: Strategy, seen: Callable[[Expiry], None], clock: Clock = time.monotonic_ns
) -> Strategy:
    """The same strategy, whose `expire` also tells when it was called and what came of it."""
    kind = type(strategy)

    async def expire(self: Any, order_number: str) -> Outcome:
        sent = clock()
        answer: Answer | None = None
        try:
            outcome = answer = await kind.expire(self, order_number)
        except ConnectionLost:
            answer = UNKNOWN
            raise
        except StepError:
            answer = ERROR
            raise
        finally:
            if answer is not None:  # an abandoned plan tells nothing
                seen(Expiry(order_number, sent, clock(), answer))
        return outcome

    watched = type(kind.__name__, (kind,), {"expire": expire, "__doc__": kind.__doc__})
    twin: Strategy = watched(limits=strategy.limits)
    return twin


@dataclass
class _Loop:
    daemon: Daemon
    session: Session
    thread: threading.Thread | None = None
    failure: BaseException | None = None


@dataclass
class Daemons:
    """The daemons of one run."""

    strategy: Strategy
    open_session: Callable[[], Session]
    expiries: list[Expiry] = field(default_factory=list)
    rest_s: Callable[[], float] = lambda: 0.0  # how long it is still somebody else's turn

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._until_s = inf
        twin = observed(self.strategy, self.expiries.append)
        self._loops = [_Loop(daemon, self.open_session()) for daemon in twin.daemons()]

    def start(self) -> None:
        """Let them loop beside the buyers."""
        for loop in self._loops:
            thread = threading.Thread(target=self._run, args=(loop,), daemon=True)
            loop.thread = thread
            thread.start()

    def _run(self, loop: _Loop) -> None:
        try:
            while not self._stop.is_set():
                rest_s = self.rest_s()
                if rest_s or not self._turn(loop):
                    self._stop.wait(rest_s or loop.daemon.pause_s)
        except BaseException as failure:  # noqa: BLE001 - told to the run when it is over
            loop.failure = failure

    def settle(self, within_s: float = inf) -> bool:
        """Stop looping, then take turns until nobody has work left. False: it did not end.

        `within_s`: who is in the middle of a turn then stops there, and has not settled.
        """
        if self._until_s > 0:  # else they were given up
            self._until_s = time.monotonic() + within_s
        self.stop()
        usual_s = time.monotonic() + SETTLE_WITHIN_S
        deadline_s = self._until_s if isfinite(within_s) else usual_s
        for _ in range(SETTLE_TURNS):
            worked = [self._turn(loop) for loop in self._loops]
            if time.monotonic() > self._until_s:
                return False  # a turn that was broken off says that nothing was left, and lies
            if not any(worked):
                return True
            if time.monotonic() > deadline_s:
                return False
        return False

    def stop(self) -> None:
        """Wait for the turns that are under way; a bug in one of them ends the run."""
        self._stop.set()
        for loop in self._loops:
            if loop.thread is not None:
                loop.thread.join()
        for loop in self._loops:
            if loop.failure is not None:
                raise loop.failure

    def give_up(self) -> None:
        """Stop in the middle of whatever they are doing: nobody will read the stores."""
        self._until_s = 0.0
        self.stop()

    def close(self) -> None:
        """Hang up, whatever they are doing."""
        self._stop.set()
        for loop in self._loops:
            loop.session.close()

    def _turn(self, loop: _Loop) -> bool:
        """One turn. A step error is the store's affair: the next turn tries again."""

        def perform(step: Step[Any]) -> Any:
            if time.monotonic() > self._until_s:
                raise StepError("nobody waits for the end of this turn")
            return loop.session.perform(step)

        try:
            return bool(carry_out(loop.daemon.turn(), perform))
        except StepError:
            with suppress(StepError):  # the server may not be back yet
                loop.session.reset()
            return False
