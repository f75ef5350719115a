"""The gate before every route: who is it, may they come in now, and how long did it take?

    request --> counted --> not too many --> a key --> its bucket --> its body --> the routes

Plain ASGI. What is refused here is answered as a problem like all others. The body is taken in
whole before the routes see it: it is bounded, and a slow sender holds up nobody's session.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inventory_core.api.buckets import Buckets
from inventory_core.api.problems import Refusal, busy, unexpected
from inventory_core.api.shop import Shop

GUARDED = ("/v1/", "/metrics")
"""Paths that need a key. Health and the documentation do not."""
ACTOR, OUTCOME = "stockproof.actor", "stockproof.outcome"


class Gate:
    """Guards an application."""

    def __init__(self, app: ASGIApp, shop: Shop) -> None:
        self._app = app
        self._shop = shop
        settings = shop.settings
        self._buckets = Buckets(settings.rate_per_s, settings.rate_burst, settings.keys_remembered)
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send)
        begun_s = time.perf_counter()
        guarded = scope["path"].startswith(GUARDED)
        try:
            await (self._guarded if guarded else self._app)(scope, receive, answer)
        except Exception as error:  # the last place before the wire
            if answer.status:
                raise
            await unexpected(scope["path"], error)(scope, receive, answer)
        finally:
            seconds = time.perf_counter() - begun_s
            self._count(scope, answer.status, seconds)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        metrics = self._shop.metrics
        route = getattr(scope.get("route"), "path", "none")
        metrics.answered(scope["method"], route, status, seconds)
        outcome = scope.get(OUTCOME)
        if outcome:
            metrics.outcomes.labels(route, outcome).inc()

    async def _guarded(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._under_way += 1
        self._shop.metrics.under_way.inc()
        try:
            self._admit()
            await self._recognise(scope)
            body = await self._body(scope, receive)
        except Refusal as refusal:
            await refusal.response(scope["path"])(scope, receive, send)
        else:
            await self._app(scope, _given(body, receive), send)
        finally:
            self._under_way -= 1
            self._shop.metrics.under_way.dec()

    def _admit(self) -> None:
        if self._shop.stopping:
            raise busy("this process is stopping: ask another, or again", "stopping")
        most = self._shop.settings.requests_at_once
        if self._under_way > most:
            raise busy(f"{most} requests are being answered: ask again", "too_busy")

    async def _recognise(self, scope: Scope) -> None:
        """Find whose key it is, and take a token from its bucket."""
        said = Request(scope).headers.get("authorization", "")
        scheme, _, text = said.partition(" ")
        key = None
        if scheme.lower() == "bearer":
            key = await self._shop.keyring.holder(text.strip())
        if key is None:
            raise Refusal(
                401,
                "this needs a key: send Authorization: Bearer KEYID.SECRET",
                headers={"WWW-Authenticate": 'Bearer realm="stockproof"'},
            )
        wait_s = self._buckets.take(key.key_id, time.monotonic())
        if wait_s:
            raise Refusal(
                429,
                f"the key {key.key_id} asks too often: wait {wait_s} s",
                headers={"Retry-After": str(wait_s)},
            )
        scope[ACTOR] = key

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        most = self._shop.settings.body_bytes_most
        said = Request(scope).headers.get("content-length", "")
        if said.isdecimal() and int(said) > most:
            raise _too_large(most)
        try:
            async with asyncio.timeout(self._shop.settings.request_timeout_s):
                return await _taken_in(receive, most)
        except TimeoutError:
            raise busy("the body did not come in time", "timed_out") from None


class _Answer:
    """Sends on what is answered, and remembers its status."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)


async def _taken_in(receive: Receive, most: int) -> bytes:
    chunks: list[bytes] = []
    size, more = 0, True
    while more:  # bounded by the size of the body
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > most:
            raise _too_large(most)
        chunks.append(chunk)
        more = message.get("more_body", False)
    return b"".join(chunks)


def _too_large(most: int) -> Refusal:
    return Refusal(413, f"a body may have {most} bytes: send less at a time")


def _given(body: bytes, receive: Receive) -> Receive:
    """The body at once, and then whatever else comes."""
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Any:
        return first.pop() if first else await receive()

    return next_message
