"""The client is patient, and says in one sentence what is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import pytest

from inventory_core.problems import Problem
from inventory_core.sync.questions import (
    AskCount,
    AskMovements,
    At,
    Count,
    TellToShip,
    WarehouseDisagrees,
    WarehouseGone,
    WarehouseRefused,
)
from inventory_core.sync.warehouse_client import (
    AsyncWarehouseClient,
    Patience,
    WarehouseClient,
)

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
