"""A full count holds as of the movement that its first page fixed, whatever moves meanwhile."""

import itertools
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.warehouse_system.running import post
from warehouse_system.api import application
from warehouse_system.database import Database
from warehouse_system.shelves import open_warehouse


def page(http: TestClient, cursor: str | None = None, size: int = 1) -> dict[str, Any]:
    asked = {"page_size": size} | ({"cursor": cursor} if cursor else {})
    answer = http.get("/warehouses/east/counts", params=asked)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_pages_are_of_one_moment_while_shelves_move(http: TestClient) -> None:
    first = page(http)
    post(http, "shipments", "o-1", ("tea", 3))
    post(http, "receipts", "new", ("pot", 7))
    post(http, "shipments", "o-2", ("cup", 4))
    second = page(http, first["next"])
    assert (first["through"], first["counts"]) == (
        2,
        [{"sku": "cup", "quantity": 4, "through": 2}],
    )
    assert (second["counts"], second["next"]) == (
        [{"sku": "tea", "quantity": 10, "through": 2}],
        None,
    )
    now = page(http, size=10)
    assert (now["through"], now["counts"]) == (
        5,
        [
            {"sku": "cup", "quantity": 0, "through": 5},
            {"sku": "pot", "quantity": 7, "through": 5},
            {"sku": "tea", "quantity": 7, "through": 5},
        ],
    )


def test_a_page_asked_again_answers_the_same(http: TestClient) -> None:
    cursor = page(http)["next"]
    before = page(http, cursor)
    post(http, "shipments", "o-1", ("tea", 3))
    assert page(http, cursor) == before


def test_one_shelf_is_counted_as_it_is_now(http: TestClient) -> None:
    post(http, "shipments", "o-1", ("tea", 3))
    answer = http.get("/warehouses/east/counts/tea")
    assert answer.json() == {"sku": "tea", "quantity": 7, "through": 3}
    assert http.get("/warehouses/east/counts/pot").json()["type"] == "urn:warehouse:unknown-article"


def test_a_name_may_have_a_slash(http: TestClient) -> None:
    post(http, "receipts", "r", ("tea/green 50%", 2))
    assert http.get("/warehouses/east/counts/tea%2Fgreen%2050%25").json()["quantity"] == 2


@pytest.mark.parametrize("cursor", ["x", "WzIsIDIsICJhIl0", "WzksIDIsICJhIl0=", "é", "W10="])
def test_a_cursor_of_somebody_elses_is_refused(http: TestClient, cursor: str) -> None:
    answer = http.get("/warehouses/east/counts", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:warehouse:unknown-cursor")


def test_the_feed_goes_on_after_a_number_and_never_parts_a_document(http: TestClient) -> None:
    post(http, "shipments", "o-1", ("tea", 1), ("cup", 1))
    asked = {"after": 2, "limit": 1}
    body = http.get("/warehouses/east/movements", params=asked).json()
    assert [each["sequence"] for each in body["movements"]] == [3, 4]
    assert body["last"] == 4
    assert http.get("/warehouses/east/movements", params={"after": 4}).json()["movements"] == []


SKUS = ("a", "b", "c")
MOVES = st.lists(
    st.tuples(st.sampled_from(SKUS), st.integers(1, 5), st.booleans()), min_size=1, max_size=12
)


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(before=MOVES, meanwhile=MOVES, size=st.integers(1, 3))
def test_whatever_moves_the_pages_tell_what_was_there_at_through(
    tmp_path_factory: pytest.TempPathFactory,
    before: list[tuple[str, int, bool]],
    meanwhile: list[tuple[str, int, bool]],
    size: int,
) -> None:
    database = Database(tmp_path_factory.mktemp("count") / "east.db")
    with database.writing() as connection:
        open_warehouse(connection, "east")
    numbers = itertools.count()
    with TestClient(application(database)) as http:
        there: dict[str, int] = {}
        for sku, units, leaves in before:
            what = "shipments" if leaves else "receipts"
            if post(http, what, f"r{next(numbers)}", (sku, units)).status_code == 201:
                there[sku] = there.get(sku, 0) + (-units if leaves else units)
        pages = [page(http, size=size)]
        for sku, units, leaves in meanwhile:
            post(http, "shipments" if leaves else "receipts", f"r{next(numbers)}", (sku, units))
            if pages[-1]["next"]:
                pages.append(page(http, pages[-1]["next"], size))
        while pages[-1]["next"]:
            pages.append(page(http, pages[-1]["next"], size))
    database.close()
    told = {count["sku"]: count["quantity"] for each in pages for count in each["counts"]}
    assert told == there
    assert len({each["through"] for each in pages}) == 1
