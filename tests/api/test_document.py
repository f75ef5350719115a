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
