"""Every error that an operation documents is produced, and nothing else is.

What every operation shares (no key, too large, too often, a bug, stopping) is provoked on each of
them here; what is its own (404, 409, 422 of a key) is produced by a line of the table below.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from inventory_core.api.access import shop_of
from inventory_core.api.application import create_app
from inventory_core.records import Intent, ShopOrder
from inventory_core.steps import rows, sql
from inventory_core.stores.service import ServiceAddress
from tests.api.conftest import KEYS
from tests.api.front import QUICK, Front, fronted, problem
from tests.api.operations import Operation, operations_of, roles
from tests.api.planting import planted

pytestmark = [pytest.mark.live]
OPERATIONS = operations_of(create_app(ServiceAddress("postgresql:///none")))
ROLES = roles()
GUARDED = [one for one in OPERATIONS if str(one) in ROLES]
each = pytest.mark.parametrize("operation", GUARDED, ids=str)
SHARED = {401, 403, 413, 429, 500, 503}
LOST = {"cursor": "nonsense"}
LINE = [{"line": 1, "quantity": 1}]
ADDRESS = "Guangdong/Shenzhen/Nanshan"
ORDER = {"channel": "mall", "buyer": "b", "address": ADDRESS}
DAILY = {"kind": "daily"}
NO_ROOM = {"name": "x", "channel": "none", "opens_ms": 1, "closes_ms": 2}
CIRCLE = {"source": "shenzhen", "target": "shenzhen"}

# operation -> status -> (path, body, query) that produces it, in a shop that `prepared` has set up
OWN: dict[str, dict[int, tuple[str, Any, dict[str, str]]]] = {
    "POST /v1/orders": {
        409: ("/v1/orders", ORDER | {"lines": [{"sku": "none", "quantity": 1}]}, {})
    },
    "GET /v1/orders/{channel}/{number}": {404: ("/v1/orders/mall/none", None, {})},
    "POST /v1/orders/{channel}/{number}/cancel": {
        409: ("/v1/orders/mall/shipped/cancel", None, {})
    },
    "POST /v1/query": {
        404: ("/v1/query", {"channel": "none", "address": ADDRESS, "skus": ["x"]}, {})
    },
    "GET /v1/stock/{sku}": {404: ("/v1/stock/none", None, {})},
    "POST /v1/receipts": {
        409: ("/v1/receipts", {"warehouse": "none", "sku": "x", "quantity": 1}, {})
    },
    "POST /v1/moves": {
        409: (
            "/v1/moves",
            {"sku": "x", "source": "unassigned", "target": "channel:mall", "quantity": 1},
            {},
        )
    },
    "GET /v1/channels/{code}": {404: ("/v1/channels/none", None, {})},
    "PUT /v1/channels/{code}": {409: ("/v1/channels/x", {"name": "x", "engine": "none"}, {})},
    "GET /v1/activities/{code}": {404: ("/v1/activities/none", None, {})},
    "PUT /v1/activities/{code}": {
        409: ("/v1/activities/x", NO_ROOM | {"quotas": [{"sku": "x", "quota": 1}]}, {})
    },
    "POST /v1/activities/{code}/open": {
        404: ("/v1/activities/none/open", None, {}),
        409: ("/v1/activities/too-much/open", None, {}),
    },
    "POST /v1/activities/{code}/close": {
        404: ("/v1/activities/none/close", None, {}),
        409: ("/v1/activities/busy/close", None, {}),
    },
    "GET /v1/warehouses/{code}": {404: ("/v1/warehouses/none", None, {})},
    "PUT /v1/warehouses/{code}/services": {
        404: ("/v1/warehouses/none/services", {"region": "x", "rank": 1, "transit_days": 1}, {})
    },
    "DELETE /v1/warehouses/{code}/services": {
        404: ("/v1/warehouses/none/services", None, {"region": "x"})
    },
    "PUT /v1/restrictions/{code}": {409: ("/v1/restrictions/x", DAILY, {})},
    "DELETE /v1/restrictions/{code}": {404: ("/v1/restrictions/none", None, {})},
    "GET /v1/transfers/{code}": {404: ("/v1/transfers/none", None, {})},
    "PUT /v1/transfers/{code}": {
        409: ("/v1/transfers/x", CIRCLE | {"lines": [{"sku": "x", "quantity": 1}]}, {})
    },
    "POST /v1/transfers/{code}/send": {
        404: ("/v1/transfers/none/send", None, {}),
        409: ("/v1/transfers/too-much/send", None, {}),
    },
    "POST /v1/transfers/{code}/receive": {
        404: ("/v1/transfers/none/receive", {}, {}),
        409: ("/v1/transfers/too-much/receive", {}, {}),
    },
    "POST /v1/transfers/{code}/cancel": {
        404: ("/v1/transfers/none/cancel", None, {}),
        409: ("/v1/transfers/sent/cancel", None, {}),
    },
    "POST /v1/warehouses/{code}/counts": {
        409: ("/v1/warehouses/none/counts", {"sku": "x", "quantity": 1, "through": 1}, {})
    },
    "POST /v1/warehouses/{code}/movements": {
        409: (
            "/v1/warehouses/none/movements",
            {"sequence": 1, "sku": "x", "kind": "receipt", "delta": 1},
            {},
        )
    },
    "GET /v1/csv/{table}": {},
    "POST /v1/csv/{table}": {409: ("/v1/csv/physical", "this is no header", {})},
    "POST /v1/warehouses/{code}/sync": {409: ("/v1/warehouses/none/sync", {}, {})},
    "GET /v1/syncs/{run}": {404: ("/v1/syncs/none", None, {})},
    "DELETE /v1/keys/{key_id}": {404: ("/v1/keys/none", None, {})},
}
OWN |= {
    f"POST /v1/orders/{{channel}}/{{number}}/{verb}": {
        404: (f"/v1/orders/mall/none/{verb}", body, {}),
        409: (f"/v1/orders/mall/refused/{verb}", body, {}),
    }
    for verb, body in {
        "pay": None,
        "expire": None,
        "dispatch": None,
        "refund": {"lines": LINE},
        "ship": {"warehouse": "shenzhen"},
        "refuse-dispatch": {"warehouse": "shenzhen"},
        "return": {"line": 1, "quantity": 1},
    }.items()
}
UNPAGED = ("GET /v1/engines", "GET /metrics")
LISTS = {str(one): one.path.replace("{code}", "shenzhen") for one in GUARDED}
OWN |= {
    name: {404: (path, None, LOST)}
    for name, path in LISTS.items()
    if name.startswith("GET")
    and name not in OWN
    and name not in ("GET /v1/engines", "GET /metrics")
}


@pytest.fixture(scope="module")
def prepared(shop: Front) -> Front:
    """The sample shop with a refused and a shipped order, and things that cannot be done."""
    post, put = shop.post, shop.put
    lines = [{"sku": "case-12", "quantity": 1}]
    post("/v1/orders", ORDER | {"number": "refused", "lines": [{"sku": "none", "quantity": 1}]})
    post("/v1/orders", ORDER | {"number": "shipped", "lines": lines})
    post("/v1/orders/mall/shipped/pay")
    post("/v1/orders/mall/shipped/ship", {"warehouse": "shenzhen"})
    planned = {"name": "x", "channel": "mall", "opens_ms": 4 * 10**12, "closes_ms": 4 * 10**12 + 1}
    put("/v1/activities/too-much", planned | {"quotas": [{"sku": "lamp-3", "quota": 9_999}]})
    way = {"source": "shenzhen", "target": "chengdu"}
    put("/v1/transfers/too-much", way | {"lines": [{"sku": "lamp-3", "quantity": 9_999}]})
    put("/v1/transfers/sent", way | {"lines": [{"sku": "lamp-3", "quantity": 1}]})
    assert post("/v1/transfers/sent/send").status_code == 200
    now = planned | {"opens_ms": 1, "quotas": [{"sku": "case-12", "quota": 2}]}
    put("/v1/activities/busy", now)
    assert post("/v1/activities/busy/open").status_code == 200
    line = {"sku": "case-12", "quantity": 1, "activity": "busy"}
    assert post("/v1/orders", ORDER | {"number": "paying", "lines": [line]}).status_code == 201
    planted(shop.address, somebody_is_at("mall/paying"))
    return shop


async def somebody_is_at(order_id: str) -> None:
    """A process has begun to take a payment, and is still at it: for an hour, to be sure."""
    now_ms = await rows.StoreClock()
    async with sql.transaction():
        order = await rows.Lock(ShopOrder, (order_id,))
        assert order is not None
        await rows.Put(replace(order, intent=Intent.PAY, intent_ms=now_ms + 3_600_000))


def ask(front: Front, operation: Operation, role: str = "", **more: Any) -> httpx.Response:
    asked = operation.sent | {"params": operation.query} | more
    client = front.client(role or ROLES[str(operation)])
    return client.request(operation.method, operation.filled, **asked)


def cases() -> Iterator[Any]:
    for operation in GUARDED:
        for status, (path, body, query) in OWN.get(str(operation), {}).items():
            yield pytest.param(operation, status, path, body, query, id=f"{operation} {status}")


@pytest.mark.parametrize("operation,status,path,body,query", list(cases()))
def test_its_own_errors_are_produced(
    prepared: Front, operation: Operation, status: int, path: str, body: Any, query: dict[str, str]
):
    client = prepared.client(ROLES[str(operation)])
    problem(client.request(operation.method, path, json=body, params=query), status)
    assert status in operation.errors


@each
def test_no_documented_error_is_forgotten(operation: Operation):
    assert operation.errors <= SHARED | {422} | set(OWN.get(str(operation), {}))


@each
def test_a_wrong_value_is_produced_where_it_is_documented(prepared: Front, operation: Operation):
    if 422 not in operation.errors:
        return
    if operation.body is not None:
        answer = ask(prepared, operation, **operation.nonsense)
    elif "{" in operation.path:
        wrong = operation.path.replace("{", "~").replace("}", "~")
        answer = prepared.client(ROLES[str(operation)]).request(operation.method, wrong)
    elif operation.method == "GET":
        answer = ask(prepared, operation, params={"limit": "0"})
    else:
        answer = ask(prepared, operation, headers={"Idempotency-Key": "no key~"})
    problem(answer, 422, "invalid")


@each
def test_a_body_that_is_too_large_is_refused(prepared: Front, operation: Operation):
    sent = {"content": b"x" * 1_100_000, "json": None}
    problem(ask(prepared, operation, **sent), 413)


@pytest.fixture(scope="module")
def impatient(stores: ServiceAddress) -> Iterator[Front]:
    with fronted(stores, KEYS, replace(QUICK, rate_burst=0, run_daemons=False)) as front:
        yield front


@each
def test_who_asks_too_often_is_told_when_to_come_back(impatient: Front, operation: Operation):
    answer = ask(impatient, operation)
    problem(answer, 429)
    assert int(answer.headers["Retry-After"]) >= 1


@pytest.fixture(scope="module")
def stopping(stores: ServiceAddress) -> Iterator[Front]:
    with fronted(stores, KEYS, replace(QUICK, run_daemons=False)) as front:
        front.server.config.app.state.shop.stopping = True  # type: ignore[union-attr]
        yield front


@each
def test_a_process_that_stops_says_so(stopping: Front, operation: Operation):
    answer = ask(stopping, operation)
    problem(answer, 503, "stopping")
    assert answer.headers["Retry-After"]


@pytest.fixture(scope="module")
def broken(stores: ServiceAddress) -> Iterator[Front]:
    """The API with a bug in every route."""

    def bug() -> None:
        raise AssertionError("planted")

    with fronted(stores, KEYS, replace(QUICK, run_daemons=False)) as front:
        front.server.config.app.dependency_overrides[shop_of] = bug  # type: ignore[union-attr]
        yield front


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_a_bug_is_a_problem_that_tells_no_secrets(broken: Front, operation: Operation):
    if operation.path == "/health/live":
        assert not operation.errors  # it uses nothing that could fail
        return
    answer = ask(broken, operation, ROLES.get(str(operation), "nobody"))
    said = problem(answer, 500)
    assert "planted" not in answer.text
    assert said["detail"]
