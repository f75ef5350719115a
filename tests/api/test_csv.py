"""CSV files over HTTP: out, in, once for a key, every wrong line named, roles kept."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from inventory_core.api.bodies.csv_files import Table
from inventory_core.api.fields import CODE
from inventory_core.api.routes import csv_files
from inventory_core.services import csv_columns, csv_tables
from tests.api.front import Front, problem

pytestmark = [pytest.mark.live]


def put(front: Front, table: str, text: str | bytes, key: str, **more: Any) -> httpx.Response:
    role = more.pop("role", "operator")
    sent = text.encode() if isinstance(text, str) else text
    headers = {"Idempotency-Key": key, "Content-Type": "text/csv"}
    client = front.client(role)
    return client.post(f"/v1/csv/{table}", content=sent, headers=headers, params=more)


def test_the_api_names_every_table_and_takes_the_same_codes():
    assert [one.value for one in Table] == list(csv_tables.TABLES)
    assert CODE.strip("^$") == csv_columns.CODE


@pytest.mark.parametrize("table", list(csv_tables.TABLES))
def test_what_goes_out_comes_in_and_changes_nothing(shop: Front, table: str):
    text = shop.get(f"/v1/csv/{table}")
    assert text.headers["content-type"] == "text/csv; charset=utf-8"
    assert table in text.headers["content-disposition"]

    done = put(shop, table, "\ufeff" + text.text, f"same-{table}", role="admin")

    assert done.json()["changed"] == 0
    assert done.json()["unchanged"] == done.json()["lines"] == text.text.count("\n") - 1
    assert shop.get(f"/v1/csv/{table}").content == text.content


def test_a_shelf_is_corrected_once_and_a_dry_run_says_so_before(shop: Front):
    text = "warehouse,sku,physical\r\nshenzhen,csv-1,7\r\n"
    would = put(shop, "physical", text, "shelf", dry_run="true").json()
    assert would["outcome"] == "would"
    assert [(one["line"], one["before"], one["after"]) for one in would["changes"]] == [
        (2, "physical=0", "physical=7")
    ]
    assert shop.get("/v1/stock/csv-1").status_code == 404

    first, again = (put(shop, "physical", text, "shelf") for _ in range(2))

    assert (first.status_code, first.json()["changed"]) == (200, 1)
    assert again.content == first.content
    assert again.headers["Idempotent-Replayed"] == "true"
    assert shop.get("/v1/stock/csv-1").json()["physical"] == 7
    problem(put(shop, "physical", text + "shenzhen,csv-2,1\r\n", "shelf"), 422, "mismatched")


def test_every_wrong_line_is_named_and_nothing_is_changed(shop: Front):
    text = "warehouse,sku,physical\nshenzhen,csv-3,5\nnowhere,csv-3,5\nshenzhen,csv-4,-1\n"

    said = problem(put(shop, "physical", text, "wrong"), 409, "refused")

    assert said["reason"] == "wrong_lines"
    assert said["errors"] == [
        {"where": "line 3", "what": "there is no warehouse nowhere; add it first"},
        {"where": "line 4", "what": "physical is -1, which is negative; write 0 or more"},
    ]
    assert shop.get("/v1/stock/csv-3").status_code == 404


def test_a_line_without_enough_is_told_and_the_rest_is_done(shop: Front):
    put(shop, "physical", "warehouse,sku,physical\nshenzhen,csv-5,5\n", "before")
    text = "channel,sku,sellable\nmall,csv-5,3\nmall,csv-6,1\n"

    said = put(shop, "sellable", text, "too-much").json()

    assert (said["changed"], [one["line"] for one in said["refused"]]) == (1, [3])
    seen = shop.get("/v1/stock/csv-5").json()
    assert (seen["sellable"], seen["unassigned"], seen["difference"]) == (3, 2, 0)


def test_only_admins_bring_channels_and_only_operators_bring_anything(shop: Front):
    text = shop.get("/v1/csv/channels").text
    problem(put(shop, "channels", text, "mine"), 403, "forbidden")
    problem(put(shop, "warehouses", "code\n", "mine", role="viewer"), 403, "forbidden")
    problem(shop.get("/v1/csv/physical", role="nobody"), 401)


@pytest.mark.parametrize("body", [b"", b"warehouse,sku,physical\nshenzhen,caf\xe9,1\n"])
def test_what_is_no_text_is_refused(shop: Front, body: bytes):
    problem(put(shop, "physical", body, "bytes"), 422, "invalid")


def test_a_file_that_is_under_way_is_not_begun_again(shop: Front, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(csv_files, "_under_way", {"long"})
    text = "warehouse,sku,physical\nshenzhen,csv-7,1\n"
    said = put(shop, "physical", text, "long")
    problem(said, 503, "under_way")
    assert said.headers["Retry-After"] == "2"
    assert put(shop, "physical", text, "short").status_code == 200
    assert csv_files._under_way == {"long"}
