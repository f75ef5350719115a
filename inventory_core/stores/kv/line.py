"""A connection to Redis for one plan at a time: what watches keys must have it to itself."""

from __future__ import annotations

from typing import Any

import hiredis
import redis

from inventory_core.domain import Limits
from inventory_core.drivers.multiplexed import PENDING
from inventory_core.steps.step import Step
from inventory_core.stores.kv.plug import NOTHING_YET, Plug
from inventory_core.stores.kv.requests import Request, Requests, Together, Words


class KvLine:
    """One request at a time, and whatever it says it still has to ask."""

    def __init__(self, url: str, prefix: str, limits: Limits) -> None:
        self._plug = Plug(url, limits)
        self._requests = Requests(prefix)
        self._request: Request[Any] | None = None
        self._outstanding = 0
        self._replies: list[Any] = []

    @property
    def at_rest(self) -> bool:
        """Is it connected, watching nothing?"""
        return not self._requests.watching and self._plug.connected

    @property
    def wants_write(self) -> bool:
        """Is something left to send?"""
        return self._plug.wants_write

    def fileno(self) -> int:
        """The socket; -1 when there is none."""
        return self._plug.fileno()

    def ask(self, step: Step[Any]) -> Any:
        """Send what a step asks: `PENDING`."""
        self._request = self._requests.of(step)
        self._say(next(self._request))
        return PENDING

    def hear(self) -> Any:
        """The socket is ready: the answer if it has come, or `PENDING`."""
        plug, request = self._plug, self._request
        assert request is not None, "a line that nobody asked"
        if plug.wants_write:
            plug.push(b"")
        plug.pull()
        while self._outstanding:
            reply = plug.next_reply()
            if reply is NOTHING_YET:
                return PENDING
            self._outstanding -= 1
            self._replies.append(reply)
        replies, self._replies = self._replies, []
        try:
            self._say(self._heard(request, replies))
        except StopIteration as end:
            self._request = None
            return end.value
        return PENDING

    def _heard(self, request: Request[Any], replies: list[Any]) -> Words | Together:
        """What the request asks next: it is told the last reply, or the first error."""
        for reply in replies:
            if isinstance(reply, redis.ResponseError):
                refusal = self._plug.refused(reply)
                if isinstance(refusal, redis.exceptions.NoScriptError):
                    return request.throw(refusal)
                raise refusal
        return request.send(replies[-1])

    def _say(self, words: Words | Together) -> None:
        commands = words.commands if isinstance(words, Together) else (words,)
        self._outstanding = len(commands)
        self._plug.push(b"".join([hiredis.pack_command(each) for each in commands]))

    def reset(self) -> None:
        """Connect again if need be; watch nothing."""
        self._plug.hang_up()  # so nothing is watched any more, and no late reply is taken for ours
        self._requests.watching = False
        self._outstanding, self._replies, self._request = 0, [], None
        self._plug.connect()

    def close(self) -> None:
        """Hang up."""
        self._plug.hang_up()
