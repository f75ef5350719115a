"""Each role is refused what it may not do.

                                     nobody   viewer   operator   admin
    look at an article                 401      200       200      200
    ask what is sellable               401      200       200      200
    place an order                     401      403       201      201
    receive units                      401      403       200      200
    open a channel                     401      403       403      201
    list the keys                      401      403       403      200

What was refused has left no trace: of 20 lamps that may be sold, the two orders that were taken
took 1 each. (Every operation of the API, for every role: `tests/api/test_roles.py`.)
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api.conftest import KEYS, made_stores
from tests.api.front import Front, fronted

pytestmark = [pytest.mark.live, pytest.mark.slow]
ROLES = ("nobody", "viewer", "operator", "admin")
ORDER = {"channel": "mall", "buyer": "ann", "address": "Guangdong/Shenzhen/Nanshan"}
CHANNEL = {"name": "By post", "engine": "conditional_update"}
DELIVERY = {"warehouse": "shenzhen", "sku": "lamp-3", "quantity": 1}


@pytest.fixture(scope="module")
def front(postgresql_url: str, valkey_url: str) -> Iterator[Front]:
    """The API over the sample shop."""
    for stores in made_stores(postgresql_url, valkey_url):
        with fronted(stores, KEYS) as opened:
            yield opened


def test_each_role_is_refused_what_it_may_not_do(front: Front) -> None:
    def statuses(method: str, path: str, body: object = None) -> tuple[int, ...]:
        return tuple(
            front.client(role).request(method, path, json=body).status_code for role in ROLES
        )

    lamps = ORDER | {"lines": [{"sku": "lamp-3", "quantity": 1}]}
    question = {"channel": "mall", "address": ORDER["address"], "skus": ["lamp-3"]}
    assert sellable(front) == 20

    assert statuses("GET", "/v1/stock/lamp-3") == (401, 200, 200, 200)
    assert statuses("POST", "/v1/query", question) == (401, 200, 200, 200)
    assert statuses("POST", "/v1/orders", lamps) == (401, 403, 201, 201)
    assert statuses("POST", "/v1/receipts", DELIVERY) == (401, 403, 200, 200)
    assert statuses("PUT", "/v1/channels/post", CHANNEL) == (401, 403, 403, 201)
    assert statuses("GET", "/v1/keys") == (401, 403, 403, 200)

    assert sellable(front) == 18
    assert front.get("/v1/stock/lamp-3").json()["difference"] == 0


def test_who_is_refused_is_told_which_role_may(front: Front) -> None:
    refused = front.client("viewer").post("/v1/receipts", json=DELIVERY)
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["outcome"] == "forbidden"
    assert "viewer" in refused.json()["detail"]


def sellable(front: Front) -> int:
    """Lamps that may still be sold."""
    found: int = front.get("/v1/stock/lamp-3").json()["sellable"]
    return found
