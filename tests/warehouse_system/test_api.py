"""The HTTP interface: problems as problem+json, the token, the document."""

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import given, settings
from schemathesis import GenerationMode

from tests.warehouse_system.running import post
from warehouse_system.api import application
from warehouse_system.database import Database


@pytest.mark.parametrize(
    "body",
    [
        {"reference": "r", "lines": []},
        {"reference": "r", "lines": [{"sku": "tea", "quantity": 0}]},
        {"reference": "r", "lines": [{"sku": "tea", "quantity": 1.5}]},
        {"reference": "r", "lines": [{"sku": "tea", "quantity": "1"}]},
        {"reference": "r", "lines": [{"sku": "te\u0000a", "quantity": 1}]},
        {"reference": "", "lines": [{"sku": "tea", "quantity": 1}]},
        {"reference": "r", "lines": [{"sku": "tea", "quantity": 1, "units": 2}]},
        {"reference": "r", "lines": [{"sku": "tea", "quantity": 10**12}]},
        [],
    ],
)
def test_what_makes_no_sense_is_a_problem(http: TestClient, body: object) -> None:
    answer = http.post("/warehouses/east/shipments", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:warehouse:invalid"


@pytest.mark.parametrize("path", ["", "/counts", "/counts/tea", "/movements", "/shipments/r"])
def test_a_warehouse_that_is_not_here_is_unknown(http: TestClient, path: str) -> None:
    answer = http.get(f"/warehouses/west{path}")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:warehouse:unknown-warehouse")


def test_what_is_not_served_is_a_problem_too(http: TestClient) -> None:
    for answer in (http.get("/nothing"), http.delete("/warehouses")):
        assert answer.headers["content-type"] == "application/problem+json"


def test_without_the_token_only_health_answers(database: Database) -> None:
    with TestClient(application(database, "secret")) as http:
        assert http.get("/health").json() == {"status": "ok"}
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "secret"}):
            answer = http.get("/warehouses", headers=headers)
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        http.headers["Authorization"] = "Bearer secret"
        assert http.get("/warehouses").json()["warehouses"][0]["code"] == "east"
        assert post(http, "receipts", "r", ("tea", 1)).status_code == 201


@pytest.mark.slow
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_the_document_is_kept_whatever_it_is_sent(http: TestClient, mode: GenerationMode) -> None:
    schema = schemathesis.openapi.from_asgi("/openapi.json", http.app)
    tried = 0
    for operation in (result.ok() for result in schema.get_all_operations()):

        @settings(max_examples=8, deadline=None, derandomize=True, database=None)
        @given(case=operation.as_strategy(generation_mode=mode))
        def attack(case: schemathesis.Case) -> None:
            if mode is GenerationMode.POSITIVE and "code" in case.path_parameters:
                case.path_parameters["code"] = "east"
            case.call_and_validate()

        if mode is GenerationMode.POSITIVE or operation.method in ("post", "put"):
            attack()
            tried += 1
    assert tried == (13 if mode is GenerationMode.POSITIVE else 6)
