"""SimPy's event loop, with a short way for what happens most: somebody sleeps for a while.

    yield seconds        sleep so long: no event is made for it
    yield PARKED         until somebody else says when to go on (`Loop.wake`)
    yield event          any event of SimPy, as everywhere

Everything else is SimPy's own: events, conditions, the order of what happens at one moment. A
process that sleeps cannot be interrupted; nobody does that here.
"""

from __future__ import annotations

from collections.abc import Generator
from heapq import heappop, heappush
from typing import Any

import simpy
from simpy.events import NORMAL, PENDING, Event, Process

PARKED = None
"""What a process yields whom somebody else will wake."""

Goes = Generator[Event | float | None, Any, Any]
"""Takes virtual time: what a process is made of."""


class Sleeper(Process):
    """A process that may sleep. While it does, it stands in the queue of events itself."""

    def __init__(self, env: Loop, generator: Goes) -> None:
        super().__init__(env, generator)  # type: ignore[arg-type]  # SimPy's yield events alone
        self.go = generator.send

    def wait_for(self, told: Event | float | None) -> None:
        """Do what the generator asks for."""
        if isinstance(told, float | int):
            self.env.wake(self, told)  # type: ignore[attr-defined]  # a `Loop`
        elif told is not PARKED:
            if told.processed:
                self._resume(told)
            else:
                told.callbacks.append(self._resume)

    def over(self, error: BaseException) -> None:
        """The generator has ended: with a value, or with an error for whoever waits for it."""
        self._ok = isinstance(error, StopIteration)
        self._value = error.value if isinstance(error, StopIteration) else error
        self.env.schedule(self)

    def _resume(self, event: Event) -> None:
        self.env._active_proc = self
        try:
            if event._ok:
                told = self.go(event._value)
            else:
                event.defused = True
                told = self._generator.throw(event._value)
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits for the process
            self.over(error)
        else:
            self.wait_for(told)


class Loop(simpy.Environment):
    """SimPy's environment, whose processes may sleep."""

    now = 0.0
    """Seconds of the simulation. SimPy's is a property, which is dear twenty times an order."""

    def __init__(self) -> None:
        super().__init__()
        self._nothing = self.event()
        self._nothing._ok, self._nothing._value = True, None

    def process(self, generator: Goes) -> Sleeper:
        """Start a process."""
        return Sleeper(self, generator)

    def wake(self, process: Process, after_s: float) -> None:
        """Have a process go on that sleeps or is parked."""
        heappush(self._queue, (self._now + after_s, NORMAL, next(self._eid), process))

    def step(self) -> None:
        """Let the next thing happen."""
        event = self._queue[0][3] if self._queue else None
        if type(event) is Sleeper and event._value is PENDING:
            self.now = self._now = heappop(self._queue)[0]
            event._resume(self._nothing)
        else:
            if event is not None:
                self.now = self._queue[0][0]
            super().step()

    def run(self, until: Any = None) -> Any:
        """As SimPy does it; until an event, as `step` would, but faster."""
        if not isinstance(until, Event):
            return super().run(until)
        queue, eid, plain = self._queue, self._eid, super().step
        end: Any = until
        end.defused = True  # an error of it is raised here
        while end.callbacks is not None:
            event = queue[0][3] if queue else None
            if type(event) is not Sleeper or event._value is not PENDING:
                if event is None:
                    raise RuntimeError(f"nothing is left to happen, and {until} has not")
                self.now = queue[0][0]
                plain()
                continue
            now_s = self.now = self._now = heappop(queue)[0]
            self._active_proc = event
            try:
                told = event.go(None)
            except BaseException as error:  # noqa: BLE001 - it belongs to who waits for the process
                event.over(error)
                continue
            if type(told) is float:
                heappush(queue, (now_s + told, NORMAL, next(eid), event))
            elif told is not PARKED:
                event.wait_for(told)
        if not end.ok:
            raise end.value
        return end.value
