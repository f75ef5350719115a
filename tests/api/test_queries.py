"""The batch query: 200 articles at once, promised dates, and a staleness that is stated."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from inventory_core.stores.service import ServiceAddress
from tests.api.conftest import KEYS
from tests.api.front import QUICK, Front, fronted, problem

pytestmark = [pytest.mark.live]
ADDRESS = "Guangdong/Shenzhen/Nanshan"


def asked(front: Front, *skus: str, **headers: str):
    body = {"channel": "mall", "address": ADDRESS, "skus": list(skus)}
    return front.post("/v1/query", body, role="viewer", headers=headers)


def test_what_is_sellable_deliverable_and_by_when(shop: Front):
    said = asked(shop, "phone-12", "nothing-like-it").json()
    phone, nothing = said["items"]

    assert (phone["sku"], phone["deliverable"], phone["warehouse"]) == (
        "phone-12",
        True,
        "shenzhen",
    )
    assert phone["sellable"] > 0
    assert phone["promised_ms"] > phone["read_ms"]
    assert (nothing["sellable"], nothing["deliverable"], nothing["promised_ms"]) == (0, False, 0)
    assert nothing["reason"]
    assert said["as_of_ms"] == min(phone["read_ms"], nothing["read_ms"])


@pytest.mark.slow
def test_two_hundred_articles_are_answered_in_one_call(shop: Front):
    skus = [f"bulk-{number:03}" for number in range(200)]
    for sku in skus:
        received = {"warehouse": "shenzhen", "sku": sku, "quantity": 3}
        assert shop.post("/v1/receipts", received).status_code == 200
        moved = {"sku": sku, "source": "unassigned", "target": "channel:mall", "quantity": 2}
        assert shop.post("/v1/moves", moved).status_code == 200

    items = asked(shop, *skus).json()["items"]

    assert [one["sku"] for one in items] == skus
    assert {one["sellable"] for one in items} == {2}
    assert all(one["deliverable"] and one["promised_ms"] > one["read_ms"] for one in items)


def test_more_than_two_hundred_are_refused(shop: Front):
    problem(asked(shop, *[f"s-{number}" for number in range(201)]), 422, "invalid")


def test_a_channel_that_there_is_not_is_not_found(shop: Front):
    body = {"channel": "nowhere", "address": ADDRESS, "skus": ["phone-12"]}
    problem(shop.post("/v1/query", body, role="viewer"), 404, "not_found")


def test_an_answer_may_be_as_old_as_it_says_and_no_cache_asks_the_store(stores: ServiceAddress):
    with fronted(stores, KEYS, replace(QUICK, read_staleness_ms=3_000)) as front:
        first = asked(front, "phone-12")
        same = asked(front, "phone-12")
        fresh = asked(front, "phone-12", **{"Cache-Control": "no-cache"})

    assert first.headers["Cache-Control"] == "private, max-age=3"
    assert first.json()["staleness_ms"] == 3_000
    assert same.json() == first.json()
    assert int(same.headers["Age"]) <= 3
    assert fresh.json()["as_of_ms"] > first.json()["as_of_ms"]


def test_nothing_is_remembered_for_longer_than_it_says(stores: ServiceAddress):
    with fronted(stores, KEYS, replace(QUICK, read_staleness_ms=50)) as front:
        first = asked(front, "phone-12")
        time.sleep(0.06)  # the staleness itself, not a race
        later = asked(front, "phone-12")

    assert later.json()["as_of_ms"] > first.json()["as_of_ms"]
