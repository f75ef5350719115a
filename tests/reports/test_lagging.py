"""The report of `stockproof lag`: made from the record alone, predicted beside measured."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from reports.lagging import PICTURES, agreement_of, cells_of, lines_of, title_of, write_lag
from reports.load import PUBLISHED
from scenarios.lagging.campaign import PREDICTED, agreement
from tests.reports.alike import alike
from workbench.command_line import run


def row_of(**said: object) -> dict[str, object]:
    figures = {
        "stale_share": 0.25,
        "false_in_stock": 6.0,
        "false_sold_out": 8.0,
        "lost_sales": 4.0,
        "refused": 2.0,
        "oversold": 0.0,
    }
    ends = {f"{name}_{end}": value for name, value in figures.items() for end in ("low", "high")}
    others = {"behind_ms_mean": 12.3, "writes_per_change": 0.5, "reads_per_change": 3.0}
    told = {"world": PREDICTED, "path": "polling", "own_ms": 100.0, "fault": "", "control": ""}
    return told | figures | ends | others | {"looks": 200.0, "differing": 0.0} | said


RECORD: dict[str, Any] = {
    "title": "A window & its lag",
    "lag_measured": False,
    "scenario": {
        "sale": {
            "shoppers_per_s": 20.0, "articles": 2, "seconds": 10.0, "come_back": 0.5, "seed": 1,
            "orders": 0.6,
        },
        "paths": {"lag_ms_p50": 22.0, "lag_ms_p99": 47.4},
    },
    "rows": [
        row_of(),
        row_of(world="measured", stale_share=0.5, stale_share_high=0.75),
        row_of(own_ms=500.0, stale_share=0.6),
        row_of(path="streaming", fault="consumer_stopped", differing=1.0),
        row_of(control="sells_by_the_copy", oversold=6.0, oversold_high=8.0),
    ],
    "agreement": {"pairs": 0},
    "evolution": [],
}  # fmt: skip


def test_the_table_has_predicted_beside_measured_and_faults_after_paths() -> None:
    rows = list(cells_of(RECORD))
    assert [row[0] for row in rows] == [
        *("polling", "polling", "streaming consumer_stopped", "polling (sells_by_the_copy)"),
    ]
    assert rows[0][1:4] == ["100", "25.0 / 50.0", "12 / 12"]
    assert rows[0][6] == "2.00 / 2.00"
    assert rows[1][2] == "60.0 / –"
    assert rows[3][8] == "3.00 / –"


def test_a_screen_has_a_line_a_world_and_only_what_was_measured_or_went_wrong() -> None:
    lines = [line[:4] for line in lines_of(RECORD)]
    assert lines == [
        ["polling", "100", "predicted", "25.0"],
        ["", "", "measured", "50.0"],
        ["streaming consumer_stopped", "100", "predicted", "25.0"],
    ]
    only_predicted = [row for row in RECORD["rows"] if row["world"] == PREDICTED]
    assert len(list(lines_of(RECORD | {"rows": only_predicted}))) == 4


def test_the_worlds_agree_by_so_many_points() -> None:
    rows = RECORD["rows"]
    assert agreement(rows)["stale_share_points_median"] == 25
    assert agreement(rows)["lost_sales_points_worst"] == 0
    said = agreement_of(RECORD | {"agreement": agreement(rows)})
    assert "1 cases" in said
    assert "stale looks 25.00 (worst 25.00)" in said
    assert agreement_of(RECORD) == ""


def test_page_table_and_pictures_are_made_from_the_record(tmp_path: Path) -> None:
    evolved = {"design": "v1", "copies": 1, "rows_per_sale": 1, "wal_bytes_per_sale": 400.0}
    more = {"sale_ms_p50": 0.1, "sale_ms_p99": 20.0, "forgotten_sales": 50, "stale_share": 0.0}
    record = RECORD | {"evolution": [evolved | more]}
    (tmp_path / "lag.json").write_text(json.dumps(record), encoding="utf-8")
    page = write_lag(tmp_path).read_text("utf-8")
    assert "A window &amp; its lag" in page
    assert page.count("<svg") == len(PICTURES)
    for name in PICTURES:
        assert "polling, predicted" in (tmp_path / f"{name}.svg").read_text("utf-8")
    assert "polling, measured" in (tmp_path / "stale.svg").read_text("utf-8")
    table = (tmp_path / "lag.md").read_text("utf-8")
    assert f"![{title_of(record, 'stale')}](stale.svg)" in table
    assert "| sales forgotten by an editor's save | 50 |" in table
    assert "as the scenario says" in table


@pytest.mark.slow
def test_the_command_predicts_and_ends_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lags = [f"paths.{path}_ms=[500]" for path in ("polling", "on_demand", "streaming", "measured")]
    small = ("sale.seconds=5", "sale.shoppers_per_s=100", "faults.at_s=1", *lags)
    words = ["lag", "--world", "predicted", "--replications", "1", "--json", "--out", str(tmp_path)]
    words += [word for setting in small for word in ("--set", setting)]
    assert run(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["broken"] == []
    assert {row["path"] for row in told["rows"]} == {"polling", "on_demand", "streaming"}
    assert Path(told["report"]).exists()


@pytest.mark.parametrize(
    "words, says",
    [
        (["--world", "elsewhere"], "--world is predicted, measured or both"),
        (["--set", "sale.articles=0"], "write a number from 1 to 1,000"),
        (["--seconds", "3"], "let it end earlier"),
        (["none.toml"], "cannot be read"),
    ],
)
def test_a_mistake_is_a_sentence_and_status_2(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["lag", *words]) == 2
    assert says in capsys.readouterr().err


def test_a_picture_says_the_least_and_the_most_of_what_was_measured_if_anything_was() -> None:
    assert title_of(RECORD, "stale").endswith("not up to date: 50.0 % (polling, 100 ms)")
    rows = [row_of(), row_of(path="on_demand", own_ms=500.0, stale_share=0.6)]
    predicted = title_of(RECORD | {"rows": rows}, "stale")
    assert predicted.endswith(": 25.0 % (polling, 100 ms) to 60.0 % (on demand, 500 ms)")
    assert title_of(RECORD | {"rows": []}, "stale") == PICTURES["stale"][2]


def test_the_committed_page_is_written_again_byte_for_byte(tmp_path: Path) -> None:
    committed = PUBLISHED / "sync_lag"
    shutil.copyfile(committed / "lag.json", tmp_path / "lag.json")
    write_lag(tmp_path)
    for kept in committed.iterdir():
        assert alike((tmp_path / kept.name).read_bytes(), kept.read_bytes()), (
            f"make {kept.name} again"
        )
