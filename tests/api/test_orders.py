"""Orders over HTTP: statuses, bodies byte for byte, and every refusal as a problem."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.api.front import Front, problem

pytestmark = [pytest.mark.live]
_numbers = itertools.count(1)


def order(**changes: Any) -> dict[str, Any]:
    """An order that the sample shop can fill."""
    return {
        "channel": "mall",
        "number": f"t-{next(_numbers)}",
        "buyer": "buyer-7",
        "address": "Guangdong/Shenzhen/Nanshan",
        "lines": [{"sku": "case-12", "quantity": 1}],
    } | changes


def path_of(body: dict[str, Any], verb: str = "") -> str:
    return f"/v1/orders/{body['channel']}/{body['number']}" + (f"/{verb}" if verb else "")


def placed(shop: Front, **changes: Any) -> dict[str, Any]:
    body = order(**changes)
    answer = shop.post("/v1/orders", body)
    assert answer.status_code == 201, answer.text
    return body


def paid(shop: Front, **changes: Any) -> dict[str, Any]:
    body = placed(shop, **changes)
    assert shop.post(path_of(body, "pay")).status_code == 200
    return body


def warehouse_of(shop: Front, body: dict[str, Any]) -> str:
    pieces = shop.get(path_of(body)).json()["allocations"]
    return str(pieces[-1]["warehouse"])


def test_an_order_is_placed_held_and_pre_occupied(shop: Front):
    body = order()
    answer = shop.post("/v1/orders", body)

    assert answer.status_code == 201
    said = answer.json()
    assert (said["outcome"], said["state"]) == ("placed", "held")
    assert said["lines"] == [{"line": 1, "sku": "case-12", "quantity": 1, "taken": 1}]
    assert said["allocations"][0]["warehouse"] == "shenzhen"
    assert shop.get(path_of(body)).json()["state"] == "held"


def test_the_same_order_again_is_answered_with_the_same_bytes(shop: Front):
    body = order()
    first = shop.post("/v1/orders", body)
    shop.post(path_of(body, "pay"))
    again = shop.post("/v1/orders", body)

    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"


def test_a_refusal_is_kept_and_answered_with_the_same_bytes(shop: Front):
    body = order(lines=[{"sku": "case-12", "quantity": 1_000_000}])
    first = shop.post("/v1/orders", body)
    again = shop.post("/v1/orders", body)

    said = problem(first, 409, "refused")
    assert said["reason"] == "out_of_stock"
    assert (again.status_code, again.content) == (409, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"


def test_another_body_under_the_same_number_is_a_mismatch(shop: Front):
    body = placed(shop)

    problem(shop.post("/v1/orders", body | {"buyer": "somebody-else"}), 422, "mismatched")


def test_an_idempotency_key_stands_for_the_number(shop: Front):
    body = order()
    key = body.pop("number")
    first = shop.post("/v1/orders", body, headers={"Idempotency-Key": key})
    again = shop.post("/v1/orders", body | {"number": key}, headers={"Idempotency-Key": key})

    assert first.json()["order"] == f"mall/{key}"
    assert again.content == first.content


def test_a_key_that_differs_from_the_number_is_refused(shop: Front):
    answer = shop.post("/v1/orders", order(), headers={"Idempotency-Key": "another"})

    problem(answer, 409, "key_differs")


def test_without_number_and_key_a_number_is_made_up(shop: Front):
    body = order()
    del body["number"]

    one, other = (shop.post("/v1/orders", body).json()["order"] for _ in range(2))

    assert one != other


def test_a_cancellation_that_comes_first_leaves_a_tombstone(shop: Front):
    body = order()

    first = shop.post(path_of(body, "cancel"))
    assert (first.status_code, first.json()["outcome"]) == (200, "tombstoned")
    late = problem(shop.post("/v1/orders", body), 409, "refused")
    assert late["reason"] == "cancelled_before"
    assert shop.get(path_of(body)).json()["state"] == "tombstone"


def test_a_payment_happens_once_whoever_asks(shop: Front):
    body = placed(shop)
    first, again = (shop.post(path_of(body, "pay")) for _ in range(2))

    assert (first.status_code, first.json()["outcome"]) == (200, "paid")
    assert (again.status_code, again.json()["outcome"]) == (200, "already_paid")
    assert again.headers["Idempotent-Replayed"] == "true"


def test_what_is_cancelled_is_not_paid(shop: Front):
    body = placed(shop)
    assert shop.post(path_of(body, "cancel")).json()["outcome"] == "cancelled"

    problem(shop.post(path_of(body, "pay")), 409, "already_cancelled")


def test_a_hold_that_is_not_due_is_not_expired(shop: Front):
    problem(shop.post(path_of(placed(shop), "expire")), 409, "not_due")


def test_what_is_paid_is_shipped_and_returned(shop: Front):
    body = paid(shop)
    warehouse = warehouse_of(shop, body)

    assert shop.post(path_of(body, "dispatch")).json()["outcome"] == "dispatched"
    shipped = shop.post(path_of(body, "ship"), {"warehouse": warehouse})
    assert (shipped.status_code, shipped.json()["outcome"]) == (200, "shipped")
    back = {"return_id": f"r-{body['number']}", "line": 1, "quantity": 1}
    assert shop.post(path_of(body, "return"), back).json()["outcome"] == "returned"
    assert shop.post(path_of(body, "return"), back).json()["outcome"] == "already_returned"


def test_what_a_warehouse_was_told_to_ship_is_not_cancelled(shop: Front):
    body = paid(shop)
    assert shop.post(path_of(body, "dispatch")).json()["outcome"] == "dispatched"
    problem(shop.post(path_of(body, "cancel")), 409, "already_dispatched")


def test_a_refund_before_shipment_happens_once_for_a_key(shop: Front):
    body = paid(shop, lines=[{"sku": "case-12", "quantity": 3}])
    some = {"lines": [{"line": 1, "quantity": 1}]}

    one, same = (
        shop.post(path_of(body, "refund"), some, headers={"Idempotency-Key": "k1"})
        for _ in range(2)
    )

    assert (one.json()["outcome"], same.json()["outcome"]) == ("refunded", "already_refunded")
    too_many = {"key": "k2", "lines": [{"line": 1, "quantity": 3}]}
    problem(shop.post(path_of(body, "refund"), too_many), 409, "too_many")


def test_a_warehouse_that_refuses_is_replaced(shop: Front):
    body = paid(shop)
    first = warehouse_of(shop, body)
    shop.post(path_of(body, "dispatch"))
    answer = shop.post(path_of(body, "refuse-dispatch"), {"warehouse": first, "reason": "wet"})

    assert (answer.status_code, answer.json()["outcome"]) == (200, "redispatched")
    assert warehouse_of(shop, body) != first


@pytest.mark.parametrize(
    "verb,body",
    [
        ("pay", None),
        ("expire", None),
        ("dispatch", None),
        ("refund", {"lines": [{"line": 1, "quantity": 1}]}),
        ("ship", {"warehouse": "shenzhen"}),
        ("refuse-dispatch", {"warehouse": "shenzhen"}),
        ("return", {"line": 1, "quantity": 1}),
    ],
)
def test_an_order_that_there_is_not_is_not_found(shop: Front, verb: str, body: Any):
    problem(shop.post(f"/v1/orders/mall/nobody/{verb}", body), 404, "not_found")


@pytest.mark.parametrize(
    "verb,body",
    [
        ("refund", {"lines": [{"line": 1, "quantity": 1}]}),
        ("ship", {"warehouse": "shenzhen"}),
        ("refuse-dispatch", {"warehouse": "shenzhen"}),
        ("dispatch", None),
    ],
)
def test_what_needs_a_paid_order_refuses_an_unpaid_one(shop: Front, verb: str, body: Any):
    problem(shop.post(path_of(placed(shop), verb), body), 409, "not_paid")


def test_what_was_not_shipped_does_not_come_back(shop: Front):
    answer = shop.post(path_of(placed(shop), "return"), {"line": 1, "quantity": 1})
    problem(answer, 409, "not_shipped")


def test_an_order_to_nowhere_is_refused_with_its_reason(shop: Front):
    said = problem(shop.post("/v1/orders", order(channel="nowhere")), 409, "refused")
    assert said["reason"] == "no_such_channel"


def test_orders_are_listed_in_pages_that_neither_skip_nor_repeat(shop: Front):
    made = {f"mall/{placed(shop)['number']}" for _ in range(5)}
    seen: list[str] = []
    cursor = None
    for _ in range(100):
        said = shop.get(
            "/v1/orders", params={"limit": 2} | ({"cursor": cursor} if cursor else {})
        ).json()
        assert len(said["items"]) <= 2
        seen += [one["order"] for one in said["items"]]
        cursor = said["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen))
    assert seen == sorted(seen)
    assert made <= set(seen)


def test_a_list_can_be_narrowed(shop: Front):
    body = paid(shop)
    said = shop.get("/v1/orders", params={"state": "paid", "channel": "mall", "limit": 200}).json()

    assert {one["state"] for one in said["items"]} == {"paid"}
    assert f"mall/{body['number']}" in {one["order"] for one in said["items"]}


@pytest.mark.parametrize("cursor", ["AAAA", "nonsense", "WzEsMiwzXQ", "W10"])
def test_a_cursor_that_no_page_gave_out_leads_nowhere(shop: Front, cursor: str):
    problem(shop.get("/v1/orders", params={"cursor": cursor}), 404)
