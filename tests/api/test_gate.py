"""The gate: keys, roles, rates, sizes, crowds, time, and a stop in good order."""

from __future__ import annotations

import threading
from dataclasses import replace

import httpx
import pytest

from inventory_core.stores.service import ServiceAddress
from tests.api.conftest import KEYS
from tests.api.front import QUICK, Front, fronted, problem

pytestmark = [pytest.mark.live]


@pytest.mark.parametrize(
    "said",
    [
        None,
        "",
        "Bearer",
        "Bearer nobody.nothing",
        "Basic dXNlcjpwYXNz",
        f"Bearer {KEYS['viewer']}x",
        f"Bearer {KEYS['viewer'].split('.')[0]}.{KEYS['admin'].split('.')[1]}",
    ],
    ids=["nothing", "empty", "no key", "unknown", "password", "longer", "another's secret"],
)
def test_who_has_no_key_stays_outside(shop: Front, said: str | None):
    headers = {} if said is None else {"Authorization": said}
    answer = httpx.get(f"{shop.url}/v1/orders", headers=headers)

    problem(answer, 401)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_what_is_not_there_is_a_problem_too(shop: Front):
    problem(shop.get("/v1/nothing"), 404)
    problem(shop.get("/elsewhere"), 404)


def test_a_method_that_is_not_taken_says_which_are(shop: Front):
    answer = shop.client("admin").patch("/v1/orders", json={})

    problem(answer, 405)
    assert answer.headers["Allow"] == "GET, POST"


def test_a_body_that_is_too_large_is_not_read(shop: Front):
    problem(shop.post("/v1/orders", {"buyer": "x" * 2_000_000}), 413)


def test_a_body_in_pieces_is_measured_as_it_comes(shop: Front):
    pieces = (b"x" * 100_000 for _ in range(20))
    problem(shop.client("operator").post("/v1/orders", content=pieces), 413)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff\xfe", b"null", b"[" * 100_000, b'{"channel": "\\ud800"}']
)
def test_a_body_that_is_no_order_is_told_why(shop: Front, content: bytes):
    headers = {"Content-Type": "application/json"}
    answer = shop.client("operator").post("/v1/orders", content=content, headers=headers)

    problem(answer, 422, "invalid")


def test_fields_that_nobody_knows_are_refused(shop: Front):
    said = problem(shop.post("/v1/query", {"chanel": "mall"}), 422, "invalid")

    assert {one["where"] for one in said["errors"]} >= {"body.chanel", "body.channel"}


def test_a_key_that_asks_too_often_waits(stores: ServiceAddress):
    with fronted(stores, KEYS, replace(QUICK, rate_per_s=0.1, rate_burst=2)) as front:
        answers = [front.get("/v1/channels") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        problem(answers[2], 429)
        assert 1 <= int(answers[2].headers["Retry-After"]) <= 10
        assert front.get("/v1/channels", role="admin").status_code == 200


def test_more_requests_than_there_is_room_for_are_sent_away(stores: ServiceAddress):
    with fronted(stores, KEYS, replace(QUICK, requests_at_once=0)) as front:
        answer = front.get("/v1/channels")
        problem(answer, 503, "too_busy")
        assert answer.headers["Retry-After"]
        assert front.get("/health/live").status_code == 200


def test_who_waits_too_long_is_told_and_what_was_begun_goes_on(stores: ServiceAddress):
    with fronted(stores, KEYS, replace(QUICK, request_timeout_s=0.000_001)) as front:
        problem(front.get("/v1/channels"), 503, "timed_out")


def test_a_process_that_stops_takes_nothing_new(stores: ServiceAddress):
    with fronted(stores, KEYS) as front:
        shop = front.server.config.app.state.shop  # type: ignore[union-attr]
        shop.draining = True
        problem(front.get("/health/ready"), 503, "not_ready")
        assert front.get("/v1/channels").status_code == 200
        shop.stopping = True
        problem(front.get("/v1/channels"), 503, "stopping")
        shop.stopping = False


def test_readiness_says_which_checks_held(shop: Front):
    said = shop.get("/health/ready", role="nobody").json()

    assert said["status"] == "ready"
    assert {"database", "migrations", "engines"} <= set(said["checks"])


def test_readiness_is_red_when_a_store_is_gone(stores: ServiceAddress):
    gone = replace(stores, sql_url="postgresql://127.0.0.1:1/none")
    with fronted(gone, KEYS, replace(QUICK, run_daemons=False)) as front:
        assert front.get("/health/live", role="nobody").status_code == 200
        said = problem(front.get("/health/ready", role="nobody"), 503, "not_ready")
        assert "database" in said["detail"]


def test_a_crowd_of_the_same_order_has_one_effect(shop: Front):
    body = {
        "channel": "mall",
        "number": "crowd-1",
        "buyer": "b",
        "address": "Guangdong/Shenzhen/Nanshan",
        "lines": [{"sku": "case-12", "quantity": 1}],
    }
    answers: list[httpx.Response] = []
    start = threading.Barrier(8)

    def deliver() -> None:
        with httpx.Client(headers={"Authorization": f"Bearer {KEYS['operator']}"}) as client:
            start.wait()
            answers.append(client.post(f"{shop.url}/v1/orders", json=body, timeout=30))

    crowd = [threading.Thread(target=deliver) for _ in range(8)]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()

    assert {answer.status_code for answer in answers} <= {201, 409}
    good = [answer.content for answer in answers if answer.status_code == 201]
    assert good
    assert len(set(good)) == 1
    for answer in answers:
        if answer.status_code == 409:
            assert problem(answer, 409, "in_progress")
            assert answer.headers["Retry-After"] == "1"
    taken = shop.get("/v1/orders/mall/crowd-1").json()["allocations"]
    assert sum(piece["quantity"] for piece in taken) == 1
