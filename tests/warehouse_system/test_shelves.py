"""Documents move shelves once a reference, and each movement takes the next number."""

import threading
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.warehouse_system.running import post


def told(http: TestClient) -> dict[str, int]:
    body = http.get("/warehouses/east/counts").json()
    return {count["sku"]: count["quantity"] for count in body["counts"]}


def movements(http: TestClient, after: int = 0) -> list[tuple[Any, ...]]:
    body = http.get("/warehouses/east/movements", params={"after": after}).json()
    fields = ("sequence", "sku", "kind", "delta", "quantity", "reference")
    return [tuple(each[name] for name in fields) for each in body["movements"]]


def test_each_movement_takes_the_next_number_and_says_what_lies_there_afterwards(
    http: TestClient,
) -> None:
    post(http, "shipments", "o-1", ("tea", 3))
    post(http, "adjustments", "stocktaking", ("cup", -1))
    post(http, "transfers-out", "t-1", ("tea", 2))
    post(http, "transfers-in", "t-2", ("pot", 5))
    assert movements(http) == [
        (1, "cup", "receipt", 4, 4, "opening"),
        (2, "tea", "receipt", 10, 10, "opening"),
        (3, "tea", "shipment", -3, 7, "o-1"),
        (4, "cup", "adjustment", -1, 3, "stocktaking"),
        (5, "tea", "transfer_out", -2, 5, "t-1"),
        (6, "pot", "transfer_in", 5, 5, "t-2"),
    ]
    assert told(http) == {"cup": 3, "pot": 5, "tea": 5}


@pytest.mark.parametrize(
    "what", ["shipments", "receipts", "adjustments", "transfers-out", "transfers-in"]
)
def test_a_reference_makes_a_document_once(http: TestClient, what: str) -> None:
    first = post(http, what, "r", ("tea", 2), ("tea", 1))
    again = post(http, what, "r", ("tea", 3))
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert len(movements(http, 2)) == 1


def test_another_body_under_the_same_reference_is_refused(http: TestClient) -> None:
    post(http, "shipments", "r", ("tea", 2))
    answer = post(http, "shipments", "r", ("tea", 3))
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:warehouse:mismatched")
    assert told(http)["tea"] == 8


def test_what_is_not_on_the_shelf_is_not_shipped_and_no_line_of_it(http: TestClient) -> None:
    answer = post(http, "shipments", "r", ("tea", 2), ("cup", 5))
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        "there are 4 of cup on the shelf, and 5 are asked for",
    )
    assert told(http) == {"cup": 4, "tea": 10}
    assert movements(http, 2) == []


def test_a_refused_shipment_stays_refused_under_its_reference(http: TestClient) -> None:
    post(http, "shipments", "r", ("cup", 5))
    post(http, "receipts", "more", ("cup", 10))
    assert post(http, "shipments", "r", ("cup", 5)).status_code == 409
    assert http.get("/warehouses/east/shipments/r").status_code == 409
    assert post(http, "shipments", "r2", ("cup", 5)).status_code == 201
    assert told(http)["cup"] == 9


def test_another_document_that_was_refused_may_be_tried_again(http: TestClient) -> None:
    assert post(http, "transfers-out", "t", ("cup", 5)).status_code == 409
    post(http, "receipts", "more", ("cup", 10))
    assert post(http, "transfers-out", "t", ("cup", 5)).status_code == 201


def test_a_warehouse_may_refuse_all_shipments_or_those_of_some_articles(http: TestClient) -> None:
    say = {"refusing": True, "reason": "cups are being counted", "skus": ["cup"]}
    assert http.put("/warehouses/east/refusing", json=say).json()["refusing"] == say
    answer = post(http, "shipments", "a", ("tea", 1), ("cup", 1))
    assert (answer.status_code, answer.json()["detail"]) == (409, "cups are being counted")
    assert post(http, "shipments", "b", ("tea", 1)).status_code == 201
    http.put("/warehouses/east/refusing", json={"refusing": True})
    assert post(http, "shipments", "c", ("tea", 1)).status_code == 409
    assert post(http, "receipts", "d", ("tea", 1)).status_code == 201
    http.put("/warehouses/east/refusing", json={"refusing": False})
    assert post(http, "shipments", "e", ("tea", 1)).status_code == 201


def test_what_was_decided_on_a_shipment_can_be_asked(http: TestClient) -> None:
    shipped = post(http, "shipments", "mall/o-1#east#1.1", ("tea", 1)).json()
    answer = http.get("/warehouses/east/shipments/mall%2Fo-1%23east%231.1")
    assert (answer.status_code, answer.json()) == (200, shipped)
    assert http.get("/warehouses/east/shipments/none").json()["type"].endswith("unknown-shipment")


def test_twenty_parallel_deliveries_of_one_shipment_ship_once(http: TestClient) -> None:
    answers: list[int] = []
    crowd = [
        threading.Thread(
            target=lambda: answers.append(post(http, "shipments", "r", ("tea", 3)).status_code)
        )
        for _ in range(20)
    ]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    assert sorted(answers) == [200] * 19 + [201]
    assert told(http)["tea"] == 7


def test_parallel_shipments_never_take_more_than_there_is_and_leave_no_gap(
    http: TestClient,
) -> None:
    answers: list[int] = []
    crowd = [
        threading.Thread(
            target=lambda n=n: answers.append(
                post(http, "shipments", f"r{n}", ("tea", 1)).status_code
            )
        )
        for n in range(15)
    ]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    assert sorted(answers) == [201] * 10 + [409] * 5
    assert [each[0] for each in movements(http)] == list(range(1, 13))
    assert told(http)["tea"] == 0
