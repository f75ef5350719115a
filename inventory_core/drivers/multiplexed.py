r"""Carry out many plans on one thread and few connections: the driver of load.

    plans (hundreds) --> queue --> lines to the database (few) --> server
                    \\-> what answers when it can: memory, keys

A plan takes a line with its first statement and gives it back when no transaction is open, so what
it does between two transactions holds nobody up. Threads would lose most of a core to switching;
here a reply costs one turn of a loop. Nothing is awaited but in `turn`.
"""

from __future__ import annotations

import heapq
import select
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Mapping
from typing import Any, Protocol

from inventory_core.steps import clock, sql
from inventory_core.steps.errors import ConnectionLost, StepError
from inventory_core.steps.step import Plan, Step

Done = Callable[[Any, StepError | None], None]
"""Told the value that a plan returned, or the error that ended it."""

Answer = Callable[[Any, StepError | None], None]
"""Hands a plan the answer to its step, or the error."""

Asker = Callable[[Any, Answer], None]
"""Performs one kind of step without waiting, and calls back: at once, or in a later turn."""

_PENDING = object()
MEND_AFTER_S = 0.05
BURST = 16
"""Plans that go on before the lines are looked at again."""


class Line(Protocol):
    """A connection to the database that says what it waits for instead of waiting."""

    def fileno(self) -> int:
        """Its socket, for `poll`."""

    def begin(self, step: sql.Begin) -> None:
        """Note that a transaction opens with the next statement."""

    def talk(self, step: Step[Any]) -> Generator[Any, None, Any]:
        """Ask: yields what it waits for, and returns the answer."""

    def events(self, want: Any) -> int:
        """What a talk waits for, as `poll` says it."""

    @property
    def at_rest(self) -> bool:
        """Is nothing open, and no reply outstanding?"""

    def reset(self) -> None:
        """Make it fit for the next plan, or `ConnectionLost`."""

    def close(self) -> None:
        """Hang up."""


class _Running:
    """A plan under way, and the line that it holds."""

    __slots__ = ("done", "line", "plan")

    def __init__(self, plan: Plan[Any], done: Done) -> None:
        self.plan = plan
        self.done = done
        self.line: Line | None = None


class Multiplexer:
    """Runs plans until they end. `askers` perform the steps that are not the database's.

    `clocks` perform what is answered at once (time, dice, ids); `pause_s` says how long a back-off
    takes. A database that says nothing for `silence_most_s` is lost.
    """

    def __init__(
        self,
        lines: Iterable[Line],
        askers: Mapping[type[Step[Any]], Asker],
        clocks: Mapping[type[Step[Any]], Callable[[Any], Any]],
        pause_s: Callable[[clock.BackOff], float],
        silence_most_s: float = 80.0,
    ) -> None:
        self._idle = list(lines)
        self._askers = dict(askers)
        self._clocks = dict(clocks)
        self._pause_s = pause_s
        self._silence_most_s = silence_most_s
        self._ready: deque[tuple[_Running, Any, StepError | None]] = deque()
        self._queue: deque[tuple[_Running, Step[Any]]] = deque()
        self._talks: dict[int, tuple[_Running, Line, Generator[Any, None, Any]]] = {}
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._timers_made = 0
        self._poll = select.poll()
        self._others: dict[int, Callable[[], None]] = {}
        self._heard_s = time.monotonic()
        for line in self._idle:
            self._poll.register(line.fileno(), select.POLLIN)

    def start(self, plan: Plan[Any], done: Done) -> None:
        """Begin with a plan in the next turn."""
        self._ready.append((_Running(plan, done), None, None))

    def watch(self, fileno: int, readable: Callable[[], None]) -> None:
        """Call back whenever another socket can be read from."""
        self._others[fileno] = readable
        self._poll.register(fileno, select.POLLIN)

    def later(self, seconds: float, what: Callable[[], None]) -> None:
        """Call back after so many seconds."""
        self._timers_made += 1
        due_s = time.monotonic() + seconds
        heapq.heappush(self._timers, (due_s, self._timers_made, what))

    def turn(self, wait_s: float, flush: Callable[[], None] = lambda: None) -> None:
        """Go on with some of what can go on; then wait for replies, at most so long.

        A server that has replied is asked its next question before the whole crowd is served:
        it would stand idle meanwhile.
        """
        ready = self._ready
        for _ in range(min(BURST, len(ready))):
            self._advance(*ready.popleft())
        flush()
        if ready:
            wait_s = 0.0
        elif self._timers:
            wait_s = min(wait_s, max(0.0, self._timers[0][0] - time.monotonic()))
        for fileno, _ in self._poll.poll(wait_s * 1000):
            if fileno in self._talks:
                self._hear(fileno)
            elif fileno in self._others:
                self._others[fileno]()
            else:
                self._poll.unregister(fileno)  # a line that nobody uses was hung up
        self._ring()

    # ------------------------------------------------------------------------------ one plan

    def _advance(self, running: _Running, value: Any, error: StepError | None) -> None:
        plan = running.plan
        try:
            step = plan.send(value) if error is None else plan.throw(error)
            while True:
                try:
                    value = self._perform(running, step)
                except StepError as failure:
                    step = plan.throw(failure)
                else:
                    if value is _PENDING:
                        return
                    step = plan.send(value)
        except StopIteration as end:
            self._end(running, end.value, None)
        except StepError as failure:
            self._end(running, None, failure)

    def _end(self, running: _Running, value: Any, error: StepError | None) -> None:
        line = running.line
        if line is not None:
            running.line = None
            self._mend(line)
        running.done(value, error)

    def _perform(self, running: _Running, step: Step[Any]) -> Any:
        kind = type(step)
        if kind in self._clocks:
            return self._clocks[kind](step)
        asker = self._askers.get(kind)
        if asker is None and kind not in self._askers:
            asker = self._inherited(kind)
        if asker is not None:
            asker(step, lambda value, error: self._ready.append((running, value, error)))
            return _PENDING
        if isinstance(step, clock.BackOff | clock.Sleep):
            pause_s = step.seconds if isinstance(step, clock.Sleep) else self._pause_s(step)
            self.later(pause_s, lambda: self._ready.append((running, None, None)))
            return _PENDING
        return self._ask(running, step)

    def _inherited(self, kind: type[Step[Any]]) -> Asker | None:
        """The asker of what it is a kind of, remembered; none: the database's."""
        found = next((self._askers[base] for base in kind.__mro__ if base in self._askers), None)
        if found is not None:
            self._askers[kind] = found
        return found

    # ------------------------------------------------------------------------------ the lines

    def _ask(self, running: _Running, step: Step[Any]) -> Any:
        line = running.line
        if line is None:
            if not self._idle:
                self._queue.append((running, step))
                return _PENDING
            line = running.line = self._idle.pop()
        answer = self._say(running, line, step)
        if answer is not _PENDING:
            self._let_go(running, line)
        return answer

    def _say(self, running: _Running, line: Line, step: Step[Any]) -> Any:
        if type(step) is sql.Begin:
            line.begin(step)
            return None
        if not self._talks:
            self._heard_s = time.monotonic()
        talk = line.talk(step)
        fileno = line.fileno()
        try:
            self._poll.register(fileno, line.events(next(talk)))
        except StopIteration as end:
            return end.value
        self._talks[fileno] = (running, line, talk)
        return _PENDING

    def _hear(self, fileno: int) -> None:
        self._heard_s = time.monotonic()
        running, line, talk = self._talks[fileno]
        try:
            self._poll.register(fileno, line.events(next(talk)))
        except StopIteration as end:
            del self._talks[fileno]
            self._ready.append((running, end.value, None))
            self._let_go(running, line)
        except StepError as failure:
            del self._talks[fileno]
            self._ready.append((running, None, failure))

    def _let_go(self, running: _Running, line: Line) -> None:
        """Give the line back if no transaction is open."""
        if line.at_rest:
            running.line = None
            self._hand_on(line)

    def _hand_on(self, line: Line) -> None:
        """To whoever has waited longest for one."""
        while self._queue:
            running, step = self._queue.popleft()
            running.line = line
            try:
                answer = self._say(running, line, step)
            except StepError as failure:
                self._ready.append((running, None, failure))
                return
            if answer is _PENDING:
                return
            self._ready.append((running, answer, None))
            if not line.at_rest:
                return
            running.line = None
        self._idle.append(line)

    def _mend(self, line: Line) -> None:
        """Roll back or connect again; a server that is gone is asked again a little later."""
        if not line.at_rest:
            try:
                line.reset()
            except StepError:
                self.later(MEND_AFTER_S, lambda: self._mend(line))
                return
            self._poll.register(line.fileno(), select.POLLIN)
        self._hand_on(line)

    def _ring(self) -> None:
        now_s = time.monotonic()
        while self._timers and self._timers[0][0] <= now_s:
            heapq.heappop(self._timers)[2]()
        if self._talks and now_s - self._heard_s > self._silence_most_s:
            for running, line, _ in self._talks.values():
                line.close()
                self._ready.append((running, None, ConnectionLost("no reply for too long")))
            self._talks.clear()
