"""Exactly once over HTTP: two API processes on PostgreSQL, each request delivered D times.

In series, truly in parallel, and late: one effect, the same answer; another body is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import httpx
import pytest

from inventory_core.services import placing
from inventory_core.services.contract import Answer, OrderRequest, Said
from inventory_core.services.order_flow import OrderFlow
from inventory_core.steps import clock
from inventory_core.strategy.promises import Promise
from tests.api.front import fronted
from tests.api.test_two_processes import at_rest
from tests.engines import promising, soaked
from tests.services.live.deliveries import MODES, Request, in_parallel, judged
from tests.services.live.served import Served, Stock, furnish, made, order_of, served

pytestmark = [pytest.mark.live, pytest.mark.slow]
DELIVERIES = (2, 3, 5)
UNITS = 400
SAFE = (*promising(Promise.EXACTLY_ONCE, Promise.NO_FALSE_SOLD_OUT), "claimed_units")
"""Who may refuse what is there is not asked here; of claimed units only a rival hides any."""
NOTHING = Stock(0, 0, 0, 0, 0)


@pytest.fixture(scope="module")
def both(postgresql_url: str, valkey_url: str) -> Iterator[Served]:
    """Two API processes."""
    with served(postgresql_url, valkey_url, SAFE) as service:
        yield service


@pytest.fixture(scope="module")
def clients(both: Served) -> Iterator[Sequence[httpx.Client]]:
    """As many connections as there are deliveries at once, already open."""
    with ExitStack() as life:
        found = [life.enter_context(both.client()) for _ in range(max(DELIVERIES))]
        for client in found:
            client.get("/v1/channels").raise_for_status()
        yield found


def wanted(engine: str, verb: str, number: str) -> tuple[Request, Stock]:
    """A request, and the effect that it may have once; orders are for two units."""
    path = f"/v1/orders/{engine}/{number}"
    receipt = {"key": number, "warehouse": "w", "sku": f"of-{engine}", "quantity": 3}
    match verb:
        case "place":
            placing = Request("/v1/orders", order_of(engine, number, 2))
            return placing, replace(NOTHING, pre_occupied=2, sellable=-2, owners=1)
        case "pay":
            return Request(f"{path}/pay", {}, "paid", "already_paid"), NOTHING
        case "cancel":
            cancelling = Request(f"{path}/cancel", {}, "cancelled", "already_cancelled")
            return cancelling, replace(NOTHING, pre_occupied=-2, sellable=2, owners=-1)
        case "refund":
            back = {"key": "k", "lines": [{"line": 1, "quantity": 1}]}
            refunding = Request(f"{path}/refund", back, "refunded", "already_refunded")
            return refunding, replace(NOTHING, pre_occupied=-1, sellable=1)
        case "ship":
            shipping = Request(f"{path}/ship", {"warehouse": "w"}, "shipped", "already_shipped")
            return shipping, replace(NOTHING, physical=-2, pre_occupied=-2)
        case "restock":
            restocking = Request("/v1/receipts", receipt)
            return restocking, replace(NOTHING, physical=3, unassigned=3)
    raise AssertionError(verb)


BEFORE = {"pay": ("place",), "cancel": ("place",), "refund": ("place", "pay")}
BEFORE["ship"] = BEFORE["refund"]
TRIALS = [("place", number, mode) for number in DELIVERIES for mode in MODES]
TRIALS += [
    (verb, number, mode)
    for verb in ("pay", "cancel", "refund", "ship", "restock")
    for number, mode in zip(DELIVERIES, ("series", "late", "parallel"), strict=True)
]
TRIALS += [(verb, number, "parallel") for verb in ("pay", "ship") for number in DELIVERIES[:2]]


def complaints(
    service: Served, clients: Sequence[httpx.Client], engine: str, trial: tuple[str, int, str]
) -> tuple[str, ...]:
    """Deliver one request as a trial says, and judge what came of it."""
    verb, times, mode = trial
    number = f"{verb}-{times}-{mode}"
    for each in BEFORE.get(verb, ()):
        before, _ = wanted(engine, each, number)
        clients[0].post(before.path, json=before.body).raise_for_status()
    there = service.stock(clients[0], engine)
    request, effect = wanted(engine, verb, number)
    deliveries = MODES[mode](clients[:times], request)
    changed = service.stock(clients[0], engine).minus(there)
    return tuple(f"{number}: {one}" for one in judged(request, deliveries, changed, effect))


@pytest.mark.parametrize("engine", soaked(SAFE))
def test_a_request_has_one_effect_however_often_it_is_delivered(
    both: Served, clients: Sequence[httpx.Client], engine: str
) -> None:
    furnish(clients[0], engine, UNITS)
    found = [one for trial in TRIALS for one in complaints(both, clients, engine, trial)]
    assert found == []
    assert at_rest(clients[0])


@pytest.mark.parametrize("engine", soaked(SAFE))
def test_another_body_under_the_same_number_is_refused_even_at_the_same_moment(
    both: Served, clients: Sequence[httpx.Client], engine: str
) -> None:
    furnish(clients[0], engine, UNITS)
    there = both.stock(clients[0], engine)
    third = Request("/v1/orders", order_of(engine, "two", 4))
    bodies = [Request("/v1/orders", order_of(engine, "two", units)) for units in (2, 3)]
    turns = iter([*bodies, *bodies])

    class Either:
        """Each delivery is of the next body."""

        def deliver(self, client: httpx.Client) -> Any:
            return next(turns).deliver(client)

    found = in_parallel(clients[:4], Either())  # type: ignore[arg-type]
    assert sorted(one.status for one in found) == [201, 201, 422, 422]
    assert third.deliver(clients[0]).status == 422
    changed = both.stock(clients[0], engine).minus(there)
    assert changed.owners == 1
    assert changed.pre_occupied == -changed.sellable
    assert changed.pre_occupied in (2, 3)


# ------------------------------------------------------------------------------- planted bugs


async def forgets(flow: OrderFlow, request: OrderRequest) -> Answer:
    """Ignores the order that is stored: each delivery is a new one."""
    fresh = replace(request, number=f"{request.number}-{await clock.NewId()}")
    answer = await placing.place(flow.desk, fresh)
    return replace(answer, body=answer.body.replace(fresh.number, request.number))


async def tells_otherwise(flow: OrderFlow, request: OrderRequest) -> Answer:
    """Has one effect, and answers a repetition with other bytes."""
    answer = await placing.place(flow.desk, request)
    return replace(answer, body=f"{answer.body} ") if answer.replayed else answer


async def tells_nobody(flow: OrderFlow, request: OrderRequest) -> Answer:
    """Has one effect, and answers everybody as the first."""
    return replace(await placing.place(flow.desk, request), replayed=False)


async def does_nothing(flow: OrderFlow, request: OrderRequest) -> Answer:
    """Says that it is done."""
    return Answer(Said.PLACED, body="{}")


PLANTED = {
    forgets: "the effect of",
    tells_otherwise: "answers differ",
    tells_nobody: "answered as the first",
    does_nothing: "the effect of",
}


def test_the_judge_objects_to_each_planted_bug(
    postgresql_url: str, valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        made(postgresql_url, valkey_url, ("conditional_update",)) as stores,
        fronted(stores.address, {"admin": stores.key}) as front,
        ExitStack() as life,
    ):
        service = replace(stores, url=front.url)
        clients = [life.enter_context(service.client()) for _ in range(2)]
        furnish(clients[0], "conditional_update", UNITS)
        for planted, complaint in PLANTED.items():
            monkeypatch.setattr(OrderFlow, "place", planted)
            request = Request("/v1/orders", order_of("conditional_update", planted.__name__, 2))
            there = service.stock(clients[0], "conditional_update")
            deliveries = in_parallel(clients, request)
            changed = service.stock(clients[0], "conditional_update").minus(there)
            _, effect = wanted("conditional_update", "place", "")
            found = judged(request, deliveries, changed, effect)
            assert any(complaint in one for one in found), (planted.__name__, found)
