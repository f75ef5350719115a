"""Stock over HTTP: receipts, moves, counts, transfers, activities, and the law after all of it."""

from __future__ import annotations

import itertools
import time
from typing import Any

import pytest

from tests.api.front import Front, problem

pytestmark = [pytest.mark.live]
_keys = itertools.count(1)


def key() -> str:
    return f"k-{next(_keys)}"


def received(shop: Front, sku: str, quantity: int, warehouse: str = "shenzhen") -> dict[str, Any]:
    body = {"key": key(), "warehouse": warehouse, "sku": sku, "quantity": quantity}
    assert shop.post("/v1/receipts", body).status_code == 200
    return body


def move(sku: str, quantity: int, source: str, target: str) -> dict[str, Any]:
    return {"key": key(), "sku": sku, "source": source, "target": target, "quantity": quantity}


def look(shop: Front, sku: str) -> dict[str, Any]:
    said: dict[str, Any] = shop.get(f"/v1/stock/{sku}").json()
    assert said["difference"] == 0
    return said


def test_units_are_received_once_for_a_key_and_answered_with_the_same_bytes(shop: Front):
    body = received(shop, "pen-1", 7)
    again = shop.post("/v1/receipts", body)

    assert again.status_code == 200
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json() == {"outcome": "done", "key": body["key"], "sku": "pen-1", "quantity": 7}
    assert (look(shop, "pen-1")["physical"], look(shop, "pen-1")["unassigned"]) == (7, 7)
    problem(shop.post("/v1/receipts", body | {"quantity": 8}), 422, "mismatched")


def test_units_move_between_places_once_for_a_key(shop: Front):
    received(shop, "pen-2", 10)
    given = move("pen-2", 6, "unassigned", "channel:mall")
    first, again = (shop.post("/v1/moves", given) for _ in range(2))
    shop.post("/v1/moves", move("pen-2", 2, "channel:mall", "channel:stores"))

    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"
    places = {one["place"]: one["units"] for one in look(shop, "pen-2")["places"]}
    assert places == {"channel:mall": 4, "channel:stores": 2}
    assert look(shop, "pen-2")["unassigned"] == 4


def test_more_than_there_is_does_not_move(shop: Front):
    received(shop, "pen-3", 1)

    problem(shop.post("/v1/moves", move("pen-3", 2, "unassigned", "channel:mall")), 409)
    problem(shop.post("/v1/moves", move("pen-3", 1, "channel:mall", "unassigned")), 409)


def test_a_place_that_there_is_not_is_refused(shop: Front):
    problem(shop.post("/v1/moves", move("pen-3", 1, "unassigned", "channel:none")), 409)
    problem(shop.post("/v1/moves", move("pen-3", 1, "unassigned", "unassigned")), 409)
    body = {"warehouse": "none", "sku": "pen-3", "quantity": 1}
    problem(shop.post("/v1/receipts", body), 409)


def test_a_key_of_another_move_is_a_mismatch(shop: Front):
    received(shop, "pen-4", 5)
    body = move("pen-4", 1, "unassigned", "channel:mall")
    shop.post("/v1/moves", body)

    problem(shop.post("/v1/moves", body | {"quantity": 2}), 422, "mismatched")


def test_a_count_before_the_shipment_that_it_lacks_changes_nothing_twice(shop: Front):
    received(shop, "pen-5", 5)
    count = {"sku": "pen-5", "quantity": 4, "through": 900}
    first, again = (shop.post("/v1/warehouses/shenzhen/counts", count) for _ in range(2))

    assert first.status_code == again.status_code == 200
    assert look(shop, "pen-5")["physical"] == 4
    older = count | {"through": 899, "quantity": 9}
    problem(shop.post("/v1/warehouses/shenzhen/counts", older), 409, "stale")
    problem(shop.post("/v1/warehouses/none/counts", count), 409)


def test_a_shortfall_is_taken_back_from_the_channels(shop: Front):
    received(shop, "pen-6", 5)
    shop.post("/v1/moves", move("pen-6", 5, "unassigned", "channel:mall"))
    shop.post("/v1/warehouses/shenzhen/counts", {"sku": "pen-6", "quantity": 3, "through": 901})

    said = look(shop, "pen-6")
    assert (said["physical"], said["sellable"], said["shortfall"]) == (3, 3, 0)


def test_a_movement_is_recorded_once_for_its_number(shop: Front):
    body = {"sequence": 7_001, "sku": "pen-7", "kind": "receipt", "delta": 3}
    path = "/v1/warehouses/chengdu/movements"
    first, again = (shop.post(path, body) for _ in range(2))

    assert (first.status_code, again.content) == (200, first.content)
    assert look(shop, "pen-7")["physical"] == 3
    problem(shop.post(path, body | {"delta": 4}), 422, "mismatched")


def test_a_transfer_order_is_in_transit_and_then_there(shop: Front):
    received(shop, "pen-8", 5)
    body = {
        "source": "shenzhen",
        "target": "chengdu",
        "lines": [{"sku": "pen-8", "quantity": 4}],
    }
    assert shop.put("/v1/transfers/t-1", body).status_code == 200
    assert shop.put("/v1/transfers/t-1", body).headers["Idempotent-Replayed"] == "true"
    problem(shop.put("/v1/transfers/t-1", body | {"target": "nanshan"}), 422, "mismatched")

    assert shop.post("/v1/transfers/t-1/send").status_code == 200
    assert look(shop, "pen-8")["in_transit"] == 4
    assert shop.get("/v1/transfers/t-1").json()["state"] == "in_transit"
    problem(shop.post("/v1/transfers/t-1/cancel"), 409, "too_late")
    assert shop.post("/v1/transfers/t-1/receive", {}).status_code == 200
    shelves = {one["warehouse"]: one["physical"] for one in look(shop, "pen-8")["shelves"]}
    assert shelves == {"shenzhen": 1, "chengdu": 4}


def test_a_transfer_that_cannot_be_is_refused(shop: Front):
    body = {
        "source": "shenzhen",
        "target": "shenzhen",
        "lines": [{"sku": "pen-8", "quantity": 4}],
    }
    problem(shop.put("/v1/transfers/t-2", body), 409)
    for verb in ("send", "cancel"):
        problem(shop.post(f"/v1/transfers/none/{verb}"), 404, "not_found")
    problem(shop.post("/v1/transfers/none/receive", {}), 404, "not_found")
    shop.put("/v1/transfers/t-3", body | {"target": "nanshan"})
    problem(shop.post("/v1/transfers/t-3/receive", {}), 409, "too_late")
    shop.put(
        "/v1/transfers/t-4",
        body | {"target": "nanshan", "lines": [{"sku": "pen-8", "quantity": 400}]},
    )
    problem(shop.post("/v1/transfers/t-4/send"), 409, "not_enough")


def campaign(**changes: Any) -> dict[str, Any]:
    now_ms = int(time.time() * 1_000)
    return {
        "name": "A campaign",
        "channel": "mall",
        "opens_ms": now_ms + 3_600_000,
        "closes_ms": now_ms + 7_200_000,
        "quotas": [{"sku": "pen-9", "quota": 3}],
    } | changes


def test_an_activity_sets_units_aside_and_gives_the_remainder_back(shop: Front):
    received(shop, "pen-9", 5)
    shop.post("/v1/moves", move("pen-9", 5, "unassigned", "channel:mall"))
    body = campaign()
    assert shop.put("/v1/activities/a-1", body).status_code == 200
    assert shop.put("/v1/activities/a-1", body | {"hold_s": 60}).status_code == 200

    assert shop.post("/v1/activities/a-1/open").status_code == 200
    assert (look(shop, "pen-9")["sellable"], look(shop, "pen-9")["activity"]) == (2, 3)
    assert shop.get("/v1/activities/a-1").json()["state"] == "open"
    first, again = (shop.post("/v1/activities/a-1/close") for _ in range(2))
    assert (first.status_code, again.content) == (200, first.content)
    assert (look(shop, "pen-9")["sellable"], look(shop, "pen-9")["activity"]) == (5, 0)
    problem(shop.post("/v1/activities/a-1/open"), 409, "too_late")
    problem(shop.put("/v1/activities/a-1", body | {"hold_s": 90}), 409, "too_late")


def test_an_activity_that_cannot_be_is_refused(shop: Front):
    problem(shop.put("/v1/activities/a-2", campaign(channel="none")), 409)
    problem(shop.put("/v1/activities/a-2", campaign(closes_ms=1)), 409)
    problem(shop.put("/v1/activities/a-2", campaign(engine="row_lock")), 403, "forbidden")
    for verb in ("open", "close"):
        problem(shop.post(f"/v1/activities/none/{verb}"), 404, "not_found")
    shop.put("/v1/activities/a-3", campaign(quotas=[{"sku": "pen-9", "quota": 9_999}]))
    problem(shop.post("/v1/activities/a-3/open"), 409, "not_enough")


def test_a_channel_keeps_its_engine_while_it_has_units(shop: Front):
    body = {"name": "Pop-up", "engine": "row_lock"}
    assert shop.put("/v1/channels/popup", body, role="admin").status_code == 201
    received(shop, "pen-10", 1)
    shop.post("/v1/moves", move("pen-10", 1, "unassigned", "channel:popup"))
    other = body | {"engine": "conditional_update"}
    problem(shop.put("/v1/channels/popup", other, role="admin"), 409, "refused")
    shop.post("/v1/moves", move("pen-10", 1, "channel:popup", "unassigned"))
    assert shop.put("/v1/channels/popup", other, role="admin").status_code == 200
    problem(shop.put("/v1/channels/popup", body | {"engine": "none"}, role="admin"), 409)
    problem(shop.put("/v1/channels/popup", body | {"sourcing": "none"}, role="admin"), 409)


def test_a_warehouse_without_a_system_cannot_be_asked(shop: Front):
    problem(shop.post("/v1/warehouses/shenzhen/sync", {}), 409)


def test_a_system_that_does_not_answer_changes_nothing(shop: Front):
    body = {"name": "Gone", "kind": "own", "address": "Hainan", "system_url": "http://127.0.0.1:1"}
    shop.put("/v1/warehouses/gone", body)
    one = shop.post("/v1/warehouses/gone/sync", {"sku": "pen-1", "run": "one-1"})
    problem(one, 409)
    full = shop.post("/v1/warehouses/gone/sync", {"run": "full-1"})
    assert (full.status_code, full.json()["state"]) == (202, "abandoned")
    assert shop.get("/v1/syncs/full-1").json()["reason"]


@pytest.mark.parametrize(
    "path",
    [
        "activities/none",
        "channels/none",
        "stock/none",
        "syncs/none",
        "transfers/none",
        "warehouses/none",
        "orders/mall/none",
    ],
)
def test_what_there_is_not_is_not_found(shop: Front, path: str):
    problem(shop.get(f"/v1/{path}"), 404, "not_found")


def test_what_is_not_there_is_not_removed(shop: Front):
    problem(shop.delete("/v1/restrictions/none"), 404)
    problem(shop.delete("/v1/warehouses/shenzhen/services", params={"region": "Nowhere"}), 404)
    body = {"region": "Hainan", "rank": 1, "transit_days": 1}
    problem(shop.put("/v1/warehouses/none/services", body), 404)


def test_a_restriction_counts_from_now_on(shop: Front):
    shop.put("/v1/restrictions/r-1", {"kind": "stop_ship", "sku": "lamp-3", "region": "Guangdong"})
    asked = {"channel": "mall", "address": "Guangdong/Shenzhen/Nanshan", "skus": ["lamp-3"]}
    assert not shop.post("/v1/query", asked, role="viewer").json()["items"][0]["deliverable"]
    assert shop.delete("/v1/restrictions/r-1").status_code == 204
    assert shop.post("/v1/query", asked, role="viewer").json()["items"][0]["deliverable"]
    problem(shop.put("/v1/restrictions/r-1", {"kind": "daily"}), 409)


def test_the_law_holds_after_all_of_it_and_is_shown_in_pages(shop: Front):
    first = shop.get("/v1/audit", params={"limit": 2}).json()
    rest = shop.get("/v1/audit", params={"limit": 200, "cursor": first["next"]}).json()

    assert first["holds"]
    assert rest["holds"]
    assert rest["at_rest"]
    skus = [one["sku"] for one in (*first["items"], *rest["items"])]
    assert skus == sorted(set(skus))
    assert {"phone-12", "pen-1"} <= set(skus)


def test_figures_tell_of_requests_and_of_stock(shop: Front):
    text = shop.get("/metrics").text

    assert 'stockproof_request_seconds_bucket{le="0.001",method="POST"' in text
    assert 'stockproof_outcomes_total{operation="/v1/receipts",outcome="done"}' in text
    assert 'stockproof_physical_units{sku="case-12",warehouse="shenzhen"} 500.0' in text
    assert "stockproof_intents_lag_seconds 0.0" in text
    assert 'stockproof_sessions{pool="write",what="most"}' in text
