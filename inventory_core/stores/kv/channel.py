"""One socket to Redis on which any number of plans ask at once, for a driver of many plans.

Replies come in the order of the commands, so whoever asks joins a queue. What is asked in one turn
of the loop leaves together, in packets of a few commands, so that the server has begun with the
first while the last are still being said. When the connection is lost, everybody who waits has
lost their reply; what is asked while there is none waits for the next one, but not for ever.
"""

from __future__ import annotations

import time
from collections import deque
from typing import Any

import hiredis
import redis

from inventory_core.drivers.multiplexed import PENDING, Multiplexer, Running
from inventory_core.steps.errors import ConnectionLost, StepError
from inventory_core.steps.step import Step
from inventory_core.stores.kv.plug import NOTHING_YET, Plug
from inventory_core.stores.kv.requests import Request, Requests, Together, Words

PACKET = 16
"""Commands that leave at once; the rest of a turn follows."""

MEND_AFTER_S = 0.05


class KvChannel:
    """Performs the steps of a key-value store for everybody on a loop."""

    def __init__(self, loop: Multiplexer, plug: Plug, prefix: str) -> None:
        self._loop = loop
        self._plug = plug
        self._requests = Requests(prefix)
        self._waiting: deque[tuple[Running, Request[Any], int]] = deque()
        self._outgoing: list[bytes] = []
        self._gathered: list[Any] = []  # replies to commands that left together, until the last
        self._put_off: list[tuple[Running, Step[Any]]] = []
        self._lost_s = 0.0
        self._heard_turn = self._swept_turn = 0
        self._fileno = -1
        self._writing = False
        self._watch()
        loop.flush_with(self.flush)
        loop.enrol(self, plug.late_s)

    def perform(self, running: Running, step: Step[Any]) -> Any:
        """Ask; the plan goes on when the reply comes."""
        if self._fileno < 0:
            self._put_off.append((running, step))
            return PENDING
        request = self._requests.of(step)
        self._say(running, request, next(request))
        if len(self._outgoing) >= PACKET:
            self.flush()
        return PENDING

    def leave(self, running: Running) -> None:
        """Nothing here belongs to a plan."""

    def sweep(self) -> None:
        """Who has said nothing since the last sweep, while somebody waited, is gone."""
        if self._waiting and self._heard_turn <= self._swept_turn:
            self._lose(ConnectionLost("Redis does not answer"))
        self._swept_turn = self._loop.turns

    def flush(self) -> None:
        """Send what has gathered."""
        if not self._outgoing:
            return
        packed = b"".join(self._outgoing)
        self._outgoing.clear()
        try:
            self._plug.push(packed)
        except ConnectionLost as lost:
            self._lose(lost)
        else:
            self._rewatch()

    def close(self) -> None:
        """Hang up."""
        self._plug.hang_up()

    def _say(self, running: Running, request: Request[Any], words: Words | Together) -> None:
        if not self._waiting:
            self._heard_turn = self._loop.turns
        if isinstance(words, Together):
            self._outgoing += [hiredis.pack_command(each) for each in words.commands]
            self._waiting.append((running, request, len(words.commands)))
        else:
            self._outgoing.append(hiredis.pack_command(words))
            self._waiting.append((running, request, 1))

    def _hear(self) -> None:
        plug, waiting = self._plug, self._waiting
        self._heard_turn = self._loop.turns
        try:
            if self._writing:
                plug.push(b"")
                self._rewatch()
            plug.pull()
            while True:
                reply = plug.next_reply()
                if reply is NOTHING_YET:
                    return
                if not waiting:
                    raise ConnectionLost("Redis speaks unasked")
                running, request, count = waiting[0]
                if count > 1:
                    self._gathered.append(reply)
                    if len(self._gathered) < count:
                        continue
                    wrong = (one for one in self._gathered if isinstance(one, redis.ResponseError))
                    reply, self._gathered = next(wrong, reply), []
                waiting.popleft()
                if isinstance(reply, redis.ResponseError):
                    self._refuse(running, request, reply)
                else:
                    self._told(running, request, reply)
        except ConnectionLost as lost:
            self._lose(lost)

    def _told(self, running: Running, request: Request[Any], reply: Any) -> None:
        try:
            words = request.send(reply)
        except StopIteration as end:
            self._loop.go_on(running, end.value, None)
        else:
            self._say(running, request, words)

    def _refuse(self, running: Running, request: Request[Any], reply: Any) -> None:
        refusal = self._plug.refused(reply)
        if isinstance(refusal, redis.exceptions.NoScriptError):
            self._say(running, request, request.throw(refusal))
            return
        if not isinstance(refusal, StepError):
            raise refusal
        self._loop.resume(running, None, refusal)
        if isinstance(refusal, ConnectionLost):
            raise refusal

    def _lose(self, lost: ConnectionLost) -> None:
        """Nobody knows what became of what was asked."""
        if self._fileno < 0:
            return
        self._loop.forget(self._fileno)
        self._fileno = -1
        self._plug.hang_up()
        self._outgoing.clear()
        self._gathered = []
        while self._waiting:
            self._loop.resume(self._waiting.popleft()[0], None, lost)
        self._lost_s = time.monotonic()
        self._loop.later(MEND_AFTER_S, self._mend)

    def _mend(self) -> None:
        """Connect again; a server that is gone is asked again a little later."""
        try:
            self._plug.connect()
        except StepError as lost:
            if time.monotonic() - self._lost_s > self._plug.late_s:
                for running, _ in self._put_off:
                    self._loop.resume(running, None, lost)
                self._put_off.clear()
            self._loop.later(MEND_AFTER_S, self._mend)
            return
        self._watch()
        put_off, self._put_off = self._put_off, []
        for running, step in put_off:
            self.perform(running, step)

    def _watch(self) -> None:
        self._fileno = self._plug.fileno()
        self._writing = False
        self._loop.watch(self._fileno, self._hear)

    def _rewatch(self) -> None:
        if self._fileno >= 0 and self._writing != self._plug.wants_write:
            self._writing = not self._writing
            self._loop.rewatch(self._fileno, self._writing)
