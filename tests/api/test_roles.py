"""Each role is refused what it may not do, for every operation."""

from __future__ import annotations

import pytest

from inventory_core.api.application import create_app
from inventory_core.records import Role
from inventory_core.stores.service import ServiceAddress
from tests.api.front import Front, problem
from tests.api.operations import Operation, operations_of, roles

pytestmark = [pytest.mark.live]
OPERATIONS = operations_of(create_app(ServiceAddress("postgresql:///none")))
ROLES = roles()
GUARDED = [operation for operation in OPERATIONS if str(operation) in ROLES]
LOWER = {"viewer": [], "operator": ["viewer"], "admin": ["viewer", "operator"]}
REFUSED = [(one, role) for one in GUARDED for role in LOWER[ROLES[str(one)]]]


def ask(front: Front, operation: Operation, role: str):
    return front.client(role).request(
        operation.method, operation.filled, params=operation.query, **operation.sent
    )


@pytest.mark.parametrize("operation,role", REFUSED, ids=lambda x: str(x))
def test_a_role_may_not_do_what_is_for_a_higher_one(shop: Front, operation: Operation, role: str):
    said = problem(ask(shop, operation, role), 403, "forbidden")

    assert role in said["detail"]


@pytest.mark.parametrize("operation", GUARDED, ids=str)
def test_nobody_may_do_anything(shop: Front, operation: Operation):
    problem(ask(shop, operation, "nobody"), 401)


@pytest.mark.parametrize("operation", GUARDED, ids=str)
def test_the_role_that_it_is_for_may_do_it(shop: Front, operation: Operation):
    answer = ask(shop, operation, ROLES[str(operation)])

    assert answer.status_code not in (401, 403), answer.text


def test_reading_is_for_viewers_and_writing_is_not():
    for operation in GUARDED:
        reads = operation.method == "GET" or operation.path == "/v1/query"
        assert (ROLES[str(operation)] == Role.VIEWER.value) is (
            reads and not operation.path.startswith("/v1/keys")
        ), operation
