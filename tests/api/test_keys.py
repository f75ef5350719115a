"""Keys over HTTP: made by admins, shown once, revoked for good; and who did what."""

from __future__ import annotations

import httpx
import pytest

from tests.api.front import Front, problem

pytestmark = [pytest.mark.live]


def made(shop: Front, role: str = "viewer") -> dict[str, str]:
    answer = shop.post("/v1/keys", {"name": "a till", "role": role}, role="admin")
    assert answer.status_code == 201, answer.text
    said: dict[str, str] = answer.json()
    return said


def ask(shop: Front, key: str) -> int:
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.get(f"{shop.url}/v1/channels", headers=headers).status_code


def test_a_new_key_opens_and_is_shown_once(shop: Front):
    key = made(shop)

    assert ask(shop, key["key"]) == 200
    listed = shop.get("/v1/keys", role="admin", params={"limit": 200}).json()["items"]
    assert key["key_id"] in {one["key_id"] for one in listed}
    assert key["key"].split(".")[1] not in str(listed)


def test_a_revoked_key_opens_no_more_and_stays_revoked(shop: Front):
    key = made(shop)
    first = shop.delete(f"/v1/keys/{key['key_id']}", role="admin").json()
    again = shop.delete(f"/v1/keys/{key['key_id']}", role="admin").json()

    assert first["revoked_ms"] == again["revoked_ms"] > 0
    assert ask(shop, key["key"]) == 401


def test_a_key_that_there_is_not_is_not_revoked(shop: Front):
    problem(shop.delete("/v1/keys/nobody", role="admin"), 404, "not_found")


def test_every_write_leaves_an_act_with_the_name_of_the_key(shop: Front):
    shop.put(
        "/v1/warehouses/acted",
        {"name": "Acted", "kind": "store", "address": "Hainan"},
        role="operator",
    )
    acts = shop.get("/v1/acts", params={"subject": "acted"}).json()["items"]

    assert [(act["what"], act["who"].split(" (")[0]) for act in acts] == [
        ("warehouse.put", "the operator")
    ]
    assert '"kind":"store"' in acts[0]["detail"]


def test_acts_are_paged(shop: Front):
    for _ in range(3):
        made(shop)
    first = shop.get("/v1/acts", params={"limit": 1}).json()
    second = shop.get("/v1/acts", params={"limit": 1, "cursor": first["next"]}).json()

    assert first["items"][0]["act_id"] != second["items"][0]["act_id"]
    assert first["items"][0]["at_ms"] <= second["items"][0]["at_ms"]
