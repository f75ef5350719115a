"""A pool of lines: connections on which one plan at a time asks, and says nothing meanwhile.

A plan takes a line with its first statement and gives it back when nothing is open on it, so what
it does between two transactions holds nobody up. Whoever finds no line waits, first come, first
served. A line that was lost is made again in the background.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable
from functools import partial
from typing import Any, Protocol

from inventory_core.drivers.multiplexed import PENDING, Multiplexer, Running
from inventory_core.steps.errors import ConnectionLost, StepError
from inventory_core.steps.step import Step

MEND_AFTER_S = 0.05
GIVE_UP_AFTER_S = 20.0
"""Without a server for so long, nobody who waits for a line is kept waiting."""


class Line(Protocol):
    """A connection that says what it waits for instead of waiting."""

    @property
    def at_rest(self) -> bool:
        """Is nothing open, and no reply outstanding?"""

    @property
    def wants_write(self) -> bool:
        """Is something left to send?"""

    def fileno(self) -> int:
        """Its socket; -1 when it is closed."""

    def ask(self, step: Step[Any]) -> Any:
        """Send what a step asks; the answer, if it is known at once, or `PENDING`."""

    def hear(self) -> Any:
        """The socket is ready: the answer, if it has come, or `PENDING`."""

    def reset(self) -> None:
        """Make it fit for the next plan, or `ConnectionLost`."""

    def close(self) -> None:
        """Hang up."""


class _Post:
    """A line, who waits for its answer, and since which turn of the loop."""

    __slots__ = ("asker", "fileno", "line", "turn", "writing")

    def __init__(self, line: Line) -> None:
        self.line = line
        self.asker: Running | None = None
        self.turn = 0
        self.fileno = -1
        self.writing = False


class Lines:
    """Lends lines to plans. A server that says nothing for `silence_s` is lost.

    Without any line for `gone_most_s`, whoever waits for one hears so.
    """

    def __init__(
        self,
        loop: Multiplexer,
        lines: Iterable[Line],
        silence_s: float,
        gone_most_s: float = GIVE_UP_AFTER_S,
    ) -> None:
        self._loop = loop
        self._posts = [_Post(line) for line in lines]
        self._idle = list(self._posts)
        self._held: dict[Running, _Post] = {}
        self._queue: deque[tuple[Running, Step[Any]]] = deque()
        self._swept_turn = 0
        self._gone_most_s = gone_most_s
        self._last_there_s = time.monotonic()
        for post in self._posts:
            self._watch(post)
        loop.enrol(self, silence_s)

    def perform(self, running: Running, step: Step[Any]) -> Any:
        """Ask on the line that the plan holds, or on a free one, or wait for one."""
        held = self._held
        post = held.get(running) if held else None
        if post is None:
            if not self._idle:
                self._queue.append((running, step))
                return PENDING
            post = self._idle.pop()
        try:
            answer = post.line.ask(step)
        except StepError:
            self._failed(post, running)
            raise
        if answer is PENDING:
            post.asker = running
            post.turn = self._loop.turns
            if post.line.wants_write or post.writing:
                self._rewatch(post)
            return PENDING
        self._after(post, running)
        return answer

    def leave(self, running: Running) -> None:
        """The plan is over: roll back what it left open, and let others have the line."""
        if self._held:
            post = self._held.pop(running, None)
            if post is not None:
                self._mend(post)

    def sweep(self) -> None:
        """Whoever was asked before the last sweep and has not answered is gone."""
        for post in self._posts:
            running = post.asker
            if running is not None and post.turn <= self._swept_turn:
                post.asker = None
                post.line.close()
                self._forget(post)
                self._held[running] = post
                self._loop.resume(running, None, ConnectionLost("no reply for too long"))
        self._swept_turn = self._loop.turns

    # ----------------------------------------------------------------------------- one line

    def _hear(self, post: _Post) -> None:
        running = post.asker
        if running is None:
            self._overhear(post)
            return
        line = post.line
        try:
            answer = line.hear()
        except StepError as failure:
            post.asker = None
            self._failed(post, running)
            self._loop.go_on(running, None, failure)
            return
        if answer is PENDING:
            if line.wants_write or post.writing:
                self._rewatch(post)
            return
        post.asker = None
        self._after(post, running)
        self._loop.go_on(running, answer, None)

    def _overhear(self, post: _Post) -> None:
        """A server that speaks unasked says goodbye. The plan that holds the line hears it next."""
        post.line.close()
        self._forget(post)
        if post in self._idle:
            self._idle.remove(post)
            self._mend(post)

    def _failed(self, post: _Post, running: Running) -> None:
        if post.line.fileno() < 0:
            self._forget(post)  # before anybody else gets the same number
        self._after(post, running)

    def _after(self, post: _Post, running: Running) -> None:
        """An answer has come: the line is the plan's own for as long as something is open."""
        if post.line.at_rest:
            if self._held:
                self._held.pop(running, None)
            if self._queue:
                self._hand_on(post)
            else:
                self._idle.append(post)
        else:
            self._held[running] = post

    def _hand_on(self, post: _Post) -> None:
        """To whoever has waited longest for one."""
        line = post.line
        while self._queue:
            running, step = self._queue.popleft()
            if running.timing is not None:
                running.timing.leaves()
            try:
                answer = line.ask(step)
            except StepError as failure:
                self._loop.resume(running, None, failure)
                if line.fileno() < 0:
                    self._forget(post)
            else:
                if answer is PENDING:
                    post.asker = running
                    post.turn = self._loop.turns
                    if line.wants_write or post.writing:
                        self._rewatch(post)
                    return
                self._loop.resume(running, answer)
            if not line.at_rest:
                self._held[running] = post
                return
        self._idle.append(post)

    def _mend(self, post: _Post) -> None:
        """Roll back or connect again; a server that is gone is asked again a little later."""
        if not post.line.at_rest:
            self._forget(post)
            try:
                post.line.reset()
            except StepError as lost:
                self._loop.later(MEND_AFTER_S, partial(self._mend, post))
                self._turn_away(lost)
                return
            self._watch(post)
        self._hand_on(post)

    def _turn_away(self, lost: StepError) -> None:
        """Whoever waits for a line, if there has been none for too long, hears why."""
        now_s = time.monotonic()
        if any(each.fileno >= 0 for each in self._posts):
            self._last_there_s = now_s
        elif now_s - self._last_there_s > self._gone_most_s:
            while self._queue:
                self._loop.resume(self._queue.popleft()[0], None, lost)

    def _watch(self, post: _Post) -> None:
        self._last_there_s = time.monotonic()
        post.fileno = post.line.fileno()
        post.writing = False
        self._loop.watch(post.fileno, partial(self._hear, post))

    def _forget(self, post: _Post) -> None:
        if post.fileno >= 0:
            self._loop.forget(post.fileno)
            post.fileno = -1

    def _rewatch(self, post: _Post) -> None:
        if post.writing != post.line.wants_write:
            post.writing = not post.writing
            self._loop.rewatch(post.fileno, post.writing)
