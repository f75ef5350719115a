"""The client of a warehouse system: asks a question, patiently, and tells what was answered.

Two of them, blocking and asynchronous, of a dozen lines each; how a question is asked and how an
answer is understood is shared. Because every question may be asked twice, a lost answer is simply
asked for again, a bounded number of times with pauses in between.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

import httpx

from inventory_core.problems import Problem
from inventory_core.sync.questions import (
    Question,
    WarehouseDisagrees,
    WarehouseGone,
    WarehouseRefused,
)
from inventory_core.sync.reading import Fields, Unreadable

T = TypeVar("T")

TOKEN = "STOCKPROOF_WAREHOUSE_TOKEN"
"""Names the bearer token in the environment; a warehouse system may ask for one."""

TRY_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses that say nothing of the question, only of the moment."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how often an answer is waited for."""

    connect_s: float = 2.0
    answer_s: float = 10.0
    tries: int = 4
    back_off_s: float = 0.1
    back_off_most_s: float = 2.0

    @property
    def timeout(self) -> httpx.Timeout:
        """The same, as httpx says it."""
        return httpx.Timeout(self.answer_s, connect=self.connect_s)

    @property
    def try_s(self) -> float:
        """How long one try may take in all."""
        return self.connect_s + self.answer_s

    def pauses(self) -> Iterator[float]:
        """Seconds before each try: none before the first, then doubling, with full jitter."""
        yield 0.0
        for attempt in range(self.tries - 1):
            yield random.random() * min(self.back_off_most_s, self.back_off_s * 2**attempt)


class WarehouseClient:
    """Asks warehouse systems, and blocks its thread meanwhile; all hear the same token."""

    def __init__(
        self,
        token: str | None = None,
        patience: Patience | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._patience = patience or Patience()
        self._http = httpx.Client(
            timeout=self._patience.timeout, headers=_headers(token), transport=transport
        )

    def answer(self, question: Question[T]) -> T:
        """Ask until there is an answer; raises `WarehouseTrouble`."""
        trouble: object = "no try"
        for pause_s in self._patience.pauses():
            time.sleep(pause_s)
            try:
                response = self._http.send(_request(self._http, question))
            except httpx.RequestError as error:
                trouble = error
                continue
            if response.status_code not in TRY_AGAIN:
                return _understood(question, response)
            trouble = f"status {response.status_code}"
        raise _gone(question, trouble)

    def close(self) -> None:
        """Hang up."""
        self._http.close()


class Answering(Protocol):
    """Whatever answers questions in an event loop."""

    async def answer(self, question: Question[T]) -> T:
        """Ask until there is an answer; raises `WarehouseTrouble`."""


class AsyncWarehouseClient:
    """Asks warehouse systems from an event loop.

    It opens as many connections as there are questions: a crowd of warehouses that do not answer
    keeps no other waiting. A try ends when its time is up, even if bytes still trickle in.
    """

    def __init__(self, token: str | None = None, patience: Patience | None = None) -> None:
        self._patience = patience or Patience()
        self._http = httpx.AsyncClient(
            timeout=self._patience.timeout,
            headers=_headers(token),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=20),
        )

    async def answer(self, question: Question[T]) -> T:
        """Ask until there is an answer; raises `WarehouseTrouble`."""
        trouble: object = "no try"
        for pause_s in self._patience.pauses():
            await asyncio.sleep(pause_s)
            try:
                async with asyncio.timeout(self._patience.try_s):
                    response = await self._http.send(_request(self._http, question))
            except (httpx.RequestError, TimeoutError) as error:
                trouble = error
                continue
            if response.status_code not in TRY_AGAIN:
                return _understood(question, response)
            trouble = f"status {response.status_code}"
        raise _gone(question, trouble)

    async def close(self) -> None:
        """Hang up."""
        await self._http.aclose()


class UntilStopped:
    """The same answers, until `stop` is set: then nothing is waited for any more."""

    def __init__(self, client: Answering, stop: asyncio.Event) -> None:
        self._client = client
        self._stop = stop

    async def answer(self, question: Question[T]) -> T:
        """The answer; `WarehouseGone` if we stop before it is there."""
        asking = asyncio.ensure_future(self._client.answer(question))
        stopping = asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait((asking, stopping), return_when=asyncio.FIRST_COMPLETED)
            if asking.done():
                return asking.result()
            raise WarehouseGone("this process is stopping; another asks again")
        finally:
            asking.cancel()
            stopping.cancel()


def _headers(token: str | None) -> dict[str, str]:
    borne = os.environ.get(TOKEN, "") if token is None else token
    if not (borne.isascii() and borne.isprintable()):
        raise Problem(f"{TOKEN} has characters that no header can bear; mend it")
    return {"Authorization": f"Bearer {borne}"} if borne else {}


def _request(http: httpx.Client | httpx.AsyncClient, question: Question[T]) -> httpx.Request:
    asked = question.request()
    try:
        return http.build_request(asked.method, asked.url, params=asked.query, json=asked.body)
    except httpx.InvalidURL as error:
        raise WarehouseDisagrees(f"{asked.url} is no address ({error}); mend it") from error


def _understood(question: Question[T], response: httpx.Response) -> T:
    """What a response that is no passing trouble means."""
    where = f"the warehouse system at {response.url.host}:{response.url.port}"
    try:
        body = Fields.of(response.json())
        if response.is_success:
            return question.read(body)
        kind, detail = body.text("type").rpartition(":")[2], body.text("detail")
    except (ValueError, Unreadable) as error:
        status = response.status_code
        raise WarehouseDisagrees(f"{where} answers {status} unreadably: {error}") from error
    if response.status_code == httpx.codes.CONFLICT and kind == "refused":
        raise WarehouseRefused(detail)
    if kind.startswith("unknown-"):
        return question.unknown(kind.removeprefix("unknown-"))
    raise WarehouseDisagrees(f"{where} says: {detail}")


def _gone(question: Question[T], trouble: object) -> WarehouseGone:
    url = question.request().url
    why = str(trouble) or type(trouble).__name__
    return WarehouseGone(f"{url} does not answer ({why}); see that the warehouse system runs")
