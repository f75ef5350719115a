"""The OpenAPI document: valid 3.1, and every operation told in full."""

from __future__ import annotations

import json

import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from inventory_core.api.application import create_app
from inventory_core.api.problems import MEDIA_TYPE
from inventory_core.stores.service import ServiceAddress
from tests.api.operations import Operation, operations_of, roles

APP = create_app(ServiceAddress("postgresql:///none"))
OPERATIONS = operations_of(APP)
each = pytest.mark.parametrize("operation", OPERATIONS, ids=str)


def test_the_document_is_valid_openapi_3_1():
    document = json.loads(json.dumps(APP.openapi()))

    assert document["openapi"].startswith("3.1")
    assert OPENAPI_31_VALIDATOR.is_valid(document)


def test_the_validator_sees_a_document_that_is_not_valid():
    document = json.loads(json.dumps(APP.openapi()))
    document["paths"]["/v1/query"]["post"]["responses"] = "none"

    assert not OPENAPI_31_VALIDATOR.is_valid(document)


def test_operations_have_names_of_their_own():
    names = [operation.document["operationId"] for operation in OPERATIONS]

    assert len(names) == len(set(names))


@each
def test_an_operation_has_a_summary_and_a_description(operation: Operation):
    assert operation.document["summary"]
    assert operation.document["description"]
    assert operation.document["tags"]


@each
def test_a_body_has_an_example_that_it_takes(operation: Operation):
    if "requestBody" in operation.document:
        assert operation.body


@each
def test_every_error_is_a_problem(operation: Operation):
    for status in operation.errors:
        answer = operation.document["responses"][str(status)]
        assert list(answer["content"]) == [MEDIA_TYPE]
        assert answer["description"]
        assert answer["content"][MEDIA_TYPE]["example"]["status"] == status


@each
def test_what_needs_a_key_says_so_and_documents_its_refusals(operation: Operation):
    if operation.path.startswith("/health"):
        assert "security" not in operation.document
        return
    assert operation.document["security"] == [{"key": []}]
    assert {401, 413, 429, 500, 503} <= operation.statuses
    above_viewer = roles()[str(operation)] != "viewer"
    assert (403 in operation.statuses) is above_viewer


@each
def test_a_post_takes_an_idempotency_key(operation: Operation):
    if operation.method != "POST" or operation.path == "/v1/query":
        return  # a question changes nothing
    names = [one["name"] for one in operation.document["parameters"]]
    assert "Idempotency-Key" in names


def test_who_has_made_a_thing_is_led_to_what_can_be_done_with_it():
    by_name = {one.document["operationId"]: str(one) for one in OPERATIONS}
    links = {
        str(one): {by_name[name] for name in answer.get("links", {})}
        for one in OPERATIONS
        for status, answer in one.document["responses"].items()
        if status == "201" or (status == "200" and "201" not in one.document["responses"])
    }
    order = "/v1/orders/{channel}/{number}"
    assert {f"GET {order}", f"POST {order}/pay", f"POST {order}/ship"} <= links["POST /v1/orders"]
    transfer = "/v1/transfers/{code}"
    verbs = {f"POST {transfer}/{verb}" for verb in ("send", "receive", "cancel")}
    assert links[f"PUT {transfer}"] == {f"GET {transfer}"} | verbs
    assert links["GET /v1/orders/{channel}/{number}"] == set()
