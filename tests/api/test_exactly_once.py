"""Check 5 over HTTP: two processes, D deliveries of everything; one effect, one answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.api.serving import Serving, serving
from tests.api.test_two_processes import SAFE, UNITS, at_rest, open_channel

pytestmark = [pytest.mark.live, pytest.mark.slow]
DELIVERIES = (2, 3, 5)
ASKED_MOST = 200


@pytest.fixture(scope="module")
def both() -> Iterator[Serving]:
    """Two processes on one socket, and a warehouse."""
    with serving("--workers", "2", "--no-sample") as service:
        with service.client() as client:
            place = {"name": "W", "kind": "own", "address": "Hainan"}
            serves = {"region": "Hainan", "rank": 1, "transit_days": 1}
            client.put("/v1/warehouses/w", json=place).raise_for_status()
            client.put("/v1/warehouses/w/services", json=serves).raise_for_status()
        yield service


def deliver(service: Serving, path: str, body: dict[str, Any] | None) -> httpx.Response:
    """One delivery, which asks again for as long as it is told that somebody is at it."""
    with service.client() as client:
        for _ in range(ASKED_MOST):
            answer = client.post(path, json=body) if body else client.post(path)
            if answer.status_code != 503 and answer.json().get("outcome") != "in_progress":
                return answer
    raise AssertionError(f"{path} is in progress for ever")


def at_once(service: Serving, path: str, body: dict[str, Any] | None, times: int) -> list[Any]:
    """So many deliveries in parallel, then one late."""
    with ThreadPoolExecutor(times) as pool:
        answers = list(pool.map(lambda _: deliver(service, path, body), range(times)))
    return [*answers, deliver(service, path, body)]


def judge(bodies: Sequence[bytes], taken: int, units: int) -> list[str]:
    """What is wrong with the answers to one order, and with what it took."""
    wrong = []
    if len(set(bodies)) != 1:
        wrong.append(f"{len(set(bodies))} different answers")
    if taken != units:
        wrong.append(f"{taken} units taken instead of {units}")
    return wrong


def test_the_judge_objects_to_two_effects_and_to_two_answers() -> None:
    assert judge([b"a", b"a"], 2, 2) == []
    assert judge([b"a", b"a"], 4, 2) == ["4 units taken instead of 2"]
    assert judge([b"a", b"b"], 2, 2) == ["2 different answers"]


@pytest.mark.parametrize("engine", SAFE)
def test_whatever_is_delivered_again_has_one_effect(both: Serving, engine: str) -> None:
    sold = 0
    with both.client() as client:
        open_channel(client, engine)
        for deliveries in DELIVERIES:
            number, sku = f"d-{deliveries}", f"of-{engine}"
            order = {
                "channel": engine,
                "number": number,
                "buyer": "b",
                "address": "Hainan",
                "lines": [{"sku": sku, "quantity": 2}],
            }
            answers = at_once(both, "/v1/orders", order, deliveries)
            assert {answer.status_code for answer in answers} == {201}
            seen = client.get(f"/v1/stock/{sku}").json()
            bodies = [answer.content for answer in answers]
            assert judge(bodies, UNITS - sold - seen["sellable"], 2) == []
            assert seen["pre_occupied"] == 2
            other = {**order, "lines": [{"sku": sku, "quantity": 1}]}
            assert deliver(both, "/v1/orders", other).status_code == 422

            paid = at_once(both, f"/v1/orders/{engine}/{number}/pay", None, deliveries)
            outcomes = [answer.json()["outcome"] for answer in paid]
            assert sorted(outcomes) == ["already_paid"] * deliveries + ["paid"]
            shipment = {"warehouse": "w"}
            path = f"/v1/orders/{engine}/{number}/ship"
            shipped = at_once(both, path, shipment, deliveries)
            outcomes = [answer.json()["outcome"] for answer in shipped]
            assert sorted(outcomes) == ["already_shipped"] * deliveries + ["shipped"]
            sold += 2
            seen = client.get(f"/v1/stock/{sku}").json()
            assert (seen["physical"], seen["pre_occupied"]) == (2 * UNITS - sold, 0)
        receipt = {"key": f"r-{engine}", "warehouse": "w", "sku": sku, "quantity": 3}
        assert {one.status_code for one in at_once(both, "/v1/receipts", receipt, 5)} <= {200, 201}
        assert client.get(f"/v1/stock/{sku}").json()["physical"] == 2 * UNITS - sold + 3
        assert at_rest(client)
