r"""Carry out many plans on one thread and few connections: the driver of load.

    plans (thousands) --> queue --> lines to a database (few), each for one plan at a time
                      \\-> a channel to keys, on which any number of plans ask at once
                       \\-> what answers by itself: memory, clock

Threads would lose most of a core to switching; here a reply costs one turn of a loop. Who performs
which kind of step is a table, made by whoever knows the stores. Nothing is awaited but in `turn`.
"""

from __future__ import annotations

import heapq
import select
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Protocol

from inventory_core.steps import clock
from inventory_core.steps.errors import StepError
from inventory_core.steps.step import Plan, Step

Done = Callable[[Any, StepError | None], Plan[Any] | None]
"""Told what a plan returned, or the error that ended it; answers the next plan, if any."""

Performer = Callable[["Running", Any], Any]
"""Performs one kind of step for whoever runs: its answer, a `StepError`, or `PENDING`."""

READABLE, WRITABLE = select.EPOLLIN, select.EPOLLIN | select.EPOLLOUT
PENDING = object()
"""The answer is still to come, by `Multiplexer.go_on` or `resume`."""

AWAKE_S = 0.001
"""For so long a loop that stays awake looks for replies before it sleeps."""

BURST = 16
"""Plans that go on before the servers are looked at again."""


class Pool(Protocol):
    """Who performs steps over connections, and wants to know when a plan is over."""

    def leave(self, running: Running) -> None:
        """The plan is over: what it holds is free."""

    def sweep(self) -> None:
        """Called every `silence_s`: whoever has not answered since the last call is lost."""


class Timing(Protocol):
    """Whoever writes down when the steps of a plan were sent and answered."""

    def asks(self, step: Step[Any]) -> None:
        """The plan asks a step."""

    def leaves(self) -> None:
        """It had to wait for a connection, and leaves only now."""

    def heard(self) -> None:
        """The plan has its answer."""


class Running:
    """A buyer's plan under way; when it has ended, the buyer may go on with another."""

    __slots__ = ("done", "plan", "send", "timing")

    def __init__(self, plan: Plan[Any], done: Done) -> None:
        self.done = done
        self.timing: Timing | None = None
        self.begin(plan)

    def begin(self, plan: Plan[Any]) -> None:
        """Go on with this plan, from its start."""
        self.plan = plan
        self.send = plan.send


class Multiplexer:
    """Runs plans until they end. `performers` say who performs which kind of step.

    `stays_awake`: while it waits for replies it looks for them again and again. Who sleeps has to
    be woken, and finds its code out of the processor's caches; with a single buyer that makes a
    third of what an order takes, and is the driver's doing. For a loop that has a processor to
    itself. `awake_s`: processor time that went into it so far, seconds.
    """

    def __init__(self, stays_awake: bool = False) -> None:
        self.performers: dict[type[Step[Any]], Performer] = {}
        self.turns = 0
        self.stays_awake = stays_awake
        self.awake_s = 0.0
        self._pools: list[Pool] = []
        self._ready: deque[tuple[Running, Any, StepError | None]] = deque()
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._timers_made = 0
        self._poll = select.epoll()
        self._hear: dict[int, Callable[[], None]] = {}
        self._flushes: list[Callable[[], None]] = []

    # ------------------------------------------------------------------------- who takes part

    def enrol(self, pool: Pool, silence_s: float) -> None:
        """Tell a pool when plans are over, and when it has waited for too long."""
        self._pools.append(pool)

        def sweep() -> None:
            pool.sweep()
            self.later(silence_s, sweep)

        self.later(silence_s, sweep)

    def at_once(self, handlers: Mapping[type[Step[Any]], Callable[[Any], Any]]) -> None:
        """Steps that are answered without waiting: time, dice, ids."""
        for kind, handler in handlers.items():
            self.performers[kind] = _at_once(handler)

    def pauses(self, pause_s: Callable[[clock.BackOff], float]) -> None:
        """Steps that let time pass; `pause_s` says how long a back-off takes."""
        self.performers[clock.Sleep] = lambda running, step: self._pause(running, step.seconds)
        self.performers[clock.BackOff] = lambda running, step: self._pause(running, pause_s(step))

    def flush_with(self, flush: Callable[[], None]) -> None:
        """Call this once in each turn, before waiting."""
        self._flushes.append(flush)

    def watch(self, fileno: int, hear: Callable[[], None]) -> None:
        """Call back whenever a socket can be read from."""
        self._hear[fileno] = hear
        self._poll.register(fileno, READABLE)

    def rewatch(self, fileno: int, writing: bool) -> None:
        """Call back also when it can be written to, or no longer."""
        self._poll.modify(fileno, WRITABLE if writing else READABLE)

    def forget(self, fileno: int) -> None:
        """Watch a socket no longer; it may be closed already."""
        if self._hear.pop(fileno, None) is not None:
            with suppress(OSError):  # closed: the system has forgotten it by itself
                self._poll.unregister(fileno)

    def close(self) -> None:
        """Watch nothing any more."""
        self._poll.close()

    # --------------------------------------------------------------------------------- plans

    def start(self, plan: Plan[Any], done: Done) -> Running:
        """Begin with a plan in the next turn."""
        running = Running(plan, done)
        self._ready.append((running, None, None))
        return running

    def resume(self, running: Running, value: Any, error: StepError | None = None) -> None:
        """Hand a plan its answer in the next turn."""
        self._ready.append((running, value, error))

    def later(self, seconds: float, what: Callable[[], None]) -> None:
        """Call back after so many seconds."""
        self._timers_made += 1
        due_s = time.monotonic() + seconds
        heapq.heappush(self._timers, (due_s, self._timers_made, what))

    def go_on(self, running: Running, value: Any, error: StepError | None) -> None:
        """Hand a plan its answer now; if it ends by that, its buyer's next one begins."""
        if self._advance(running, value, error) and self._advance(running, None, None):
            self._ready.append((running, None, None))  # a plan that waits for nothing: others too

    def _advance(self, running: Running, value: Any, error: StepError | None) -> bool:
        """Until the plan waits, or has ended; true: its buyer has another one to begin."""
        timing, performers = running.timing, self.performers
        try:
            if timing is not None:
                return self._advance_timed(running, timing, value, error)
            step = running.send(value) if error is None else running.plan.throw(error)
            while True:
                try:
                    performer = performers.get(type(step))
                    if performer is None:
                        performer = self._inherited(type(step))
                    value = performer(running, step)
                except StepError as failure:
                    step = running.plan.throw(failure)
                else:
                    if value is PENDING:
                        return False
                    step = running.send(value)
        except StopIteration as end:
            return self._end(running, end.value, None)
        except StepError as failure:
            return self._end(running, None, failure)

    def _advance_timed(
        self, running: Running, timing: Timing, value: Any, error: StepError | None
    ) -> bool:
        """The same, with every step's times written down."""
        timing.heard()
        step = running.send(value) if error is None else running.plan.throw(error)
        while True:
            timing.asks(step)
            try:
                value = self._performer(type(step))(running, step)
            except StepError as failure:
                timing.heard()
                step = running.plan.throw(failure)
            else:
                if value is PENDING:
                    return False
                timing.heard()
                step = running.send(value)

    def _end(self, running: Running, value: Any, error: StepError | None) -> bool:
        for pool in self._pools:
            pool.leave(running)
        plan = running.done(value, error)
        if plan is None:
            return False
        running.plan = plan
        running.send = plan.send
        return True

    def _performer(self, kind: type[Step[Any]]) -> Performer:
        return self.performers.get(kind) or self._inherited(kind)

    def _inherited(self, kind: type[Step[Any]]) -> Performer:
        """Who performs what it is a kind of, remembered."""
        for base in kind.__mro__:
            if base in self.performers:
                self.performers[kind] = self.performers[base]
                return self.performers[base]
        raise AssertionError(f"no store of this driver performs {kind.__name__}")

    def _pause(self, running: Running, seconds: float) -> Any:
        self.later(seconds, lambda: self.resume(running, None))
        return PENDING

    # -------------------------------------------------------------------------------- the loop

    def turn(self, wait_s: float) -> None:
        """Go on with some of what can go on; then wait for replies, at most so long.

        A server that has replied is asked its next question before the whole crowd is served:
        it would stand idle meanwhile.
        """
        self.turns += 1
        ready = self._ready
        if ready:
            for _ in range(min(BURST, len(ready))):
                self.go_on(*ready.popleft())
        for flush in self._flushes:
            flush()
        if ready:
            wait_s = 0.0
        elif self._timers:
            wait_s = self._until_timer(wait_s)
        hearers = self._hear
        for fileno, _ in self._look_for(wait_s) if self.stays_awake else self._poll.poll(wait_s):
            hear = hearers.get(fileno)
            if hear is not None:  # nobody forgot it in this very turn
                hear()
        if self._timers and self._timers[0][0] <= time.monotonic():
            self._ring()

    def _look_for(self, wait_s: float) -> list[tuple[int, int]]:
        """What has come, without sleeping for a while."""
        poll = self._poll.poll
        began_s = now_s = time.monotonic()
        ends_s = began_s + min(AWAKE_S, wait_s)
        there = poll(0)
        while not there and now_s < ends_s:
            there = poll(0)
            now_s = time.monotonic()
        self.awake_s += now_s - began_s
        return there or poll(max(0.0, wait_s - AWAKE_S))

    def _until_timer(self, wait_s: float) -> float:
        """How long to wait; for a timer that is due before, it is waited here.

        `epoll` counts in milliseconds, and a buyer who is to come in a tenth of one would be late.
        """
        due_s = max(0.0, self._timers[0][0] - time.monotonic())
        if due_s >= wait_s:
            return wait_s
        select.select((self._poll.fileno(),), (), (), due_s)
        return 0.0

    def _ring(self) -> None:
        now_s = time.monotonic()
        while self._timers and self._timers[0][0] <= now_s:
            heapq.heappop(self._timers)[2]()


def _at_once(handler: Callable[[Any], Any]) -> Performer:
    return lambda _, step: handler(step)
