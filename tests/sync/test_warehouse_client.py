"""The client is patient, and says in one sentence what is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import httpx
import pytest

from inventory_core.problems import Problem
from inventory_core.sync.questions import (
    AskCount,
    AskMovements,
    At,
    Count,
    Question,
    TellToShip,
    WarehouseDisagrees,
    WarehouseGone,
    WarehouseRefused,
)
from inventory_core.sync.reading import Fields
from inventory_core.sync.warehouse_client import (
    AsyncWarehouseClient,
    Patience,
    UntilStopped,
    WarehouseClient,
)

T = TypeVar("T")

AT = At("http://east.example", "east")
QUICK = Patience(tries=3, back_off_s=0.001, back_off_most_s=0.002)
COUNT = {"sku": "tea", "quantity": 3, "through": 9}


def client(answer: Callable[[httpx.Request], httpx.Response]) -> WarehouseClient:
    return WarehouseClient("secret", QUICK, transport=httpx.MockTransport(answer))


def test_passing_trouble_is_waited_out() -> None:
    answers = iter([httpx.Response(503), httpx.Response(429), httpx.Response(200, json=COUNT)])
    assert client(lambda _: next(answers)).answer(AskCount(AT, "tea")) == Count("tea", 3, 9)


def test_lasting_trouble_ends_after_a_bounded_number_of_tries() -> None:
    tries: list[str] = []

    def busy(request: httpx.Request) -> httpx.Response:
        tries.append(request.headers["authorization"])
        return httpx.Response(503)

    with pytest.raises(WarehouseGone, match="does not answer") as gone:
        client(busy).answer(AskCount(AT, "tea"))
    assert isinstance(gone.value, Problem)
    assert tries == ["Bearer secret"] * 3


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={**COUNT, "quantity": -1}),
        httpx.Response(200, json={**COUNT, "quantity": True}),
        httpx.Response(200, json={**COUNT, "sku": ""}),
        httpx.Response(301, headers={"location": "http://elsewhere.example"}),
        httpx.Response(401, json={"type": "urn:warehouse:invalid", "detail": "wrong token"}),
        httpx.Response(404, json={"type": "urn:warehouse:unknown-warehouse", "detail": "none"}),
    ],
)
def test_an_answer_that_is_none_is_not_believed(response: httpx.Response) -> None:
    with pytest.raises(WarehouseDisagrees):
        client(lambda _: response).answer(AskCount(AT, "tea"))


def test_an_unknown_article_is_an_answer_and_a_refusal_has_a_reason() -> None:
    unknown = {"type": "urn:warehouse:unknown-article", "detail": "no such article"}
    assert client(lambda _: httpx.Response(404, json=unknown)).answer(AskCount(AT, "x")) is None
    refused = {"type": "urn:warehouse:refused", "detail": "closed"}
    with pytest.raises(WarehouseRefused) as error:
        client(lambda _: httpx.Response(409, json=refused)).answer(
            TellToShip(AT, "r", (("tea", 1),))
        )
    assert error.value.reason == "closed"


def test_an_address_that_is_none_is_a_problem() -> None:
    with pytest.raises(Problem):
        WarehouseClient("", QUICK).answer(AskMovements(At("nowhere", "east"), 0))


def test_the_asynchronous_client_hears_that_nobody_is_there() -> None:
    async def ask() -> None:
        there = AsyncWarehouseClient("", QUICK)
        try:
            await there.answer(AskCount(At("http://127.0.0.1:9", "east"), "tea"))
        finally:
            await there.close()

    with pytest.raises(WarehouseGone):
        asyncio.run(ask())


class _Waiting:
    """A warehouse that never answers."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.left = False

    async def answer(self, question: Question[T]) -> T:
        self.asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.left = True
        raise AssertionError("nobody wakes it")


def test_who_stops_waits_for_no_answer() -> None:
    async def stopped_meanwhile() -> bool:
        stop, never = asyncio.Event(), _Waiting()
        asking = asyncio.ensure_future(UntilStopped(never, stop).answer(AskCount(AT, "tea")))
        await never.asked.wait()
        stop.set()
        with pytest.raises(WarehouseGone, match="stopping"):
            await asking
        await asyncio.sleep(0)
        return never.left

    assert asyncio.run(stopped_meanwhile())


def test_until_then_the_answer_is_the_same() -> None:
    class Knows:
        async def answer(self, question: Question[T]) -> T:
            return question.read(Fields.of(COUNT))

    answer = UntilStopped(Knows(), asyncio.Event()).answer
    assert asyncio.run(answer(AskCount(AT, "tea"))) == Count("tea", 3, 9)


@pytest.mark.slow
def test_a_try_ends_even_if_bytes_still_trickle_in() -> None:
    patience = Patience(connect_s=0.1, answer_s=0.2, tries=2, back_off_s=0.001)

    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        with suppress(ConnectionError, asyncio.CancelledError):
            while True:
                writer.write(b"x-more: x\r\n")
                await writer.drain()
                await asyncio.sleep(0.05)

    async def asked() -> None:
        server = await asyncio.start_server(trickle, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        client = AsyncWarehouseClient("", patience)
        with pytest.raises(WarehouseGone, match="TimeoutError"):
            await client.answer(AskCount(At(f"http://127.0.0.1:{port}", "east"), "tea"))
        await client.close()
        server.close()

    asyncio.run(asyncio.wait_for(asked(), 30))
