"""Reading what a comparison left behind, and refusing what must not be read together."""

import json
from pathlib import Path

import pandas as pd
import pytest

from reports.load import Unreadable, load, load_all, side_by_side
from scenarios.history import FORMAT
from tests.reports.made_up_records import RIVALS, Rival, write_comparison


def test_there_is_one_row_a_strategy_and_a_figure_that_was_not_taken_is_not_a_zero(
    made_up: Path,
) -> None:
    rows = load(made_up).rows.set_index("label")
    assert rows.index.tolist() == [rival.name for rival in RIVALS]
    assert rows.loc["conditional_update", "goodput_per_s"] == 8200
    assert pd.isna(rows.loc["noop", "sold_out_after_s"])
    assert rows["floor"].tolist() == [rival.name == "noop" for rival in RIVALS]


def test_only_the_columns_asked_for_are_read(made_up: Path) -> None:
    comparison = load(made_up)
    run = comparison.runs("row_lock")[0]
    attempts = comparison.attempts(run, ["units", "outcome"])
    assert attempts.columns.tolist() == ["units", "outcome"]
    assert len(attempts) == 800


def test_a_run_without_a_table_reads_as_an_empty_one(tmp_path: Path) -> None:
    comparison = load(write_comparison(tmp_path, RIVALS[:1]))
    run = comparison.runs()[0]
    (run / "attempts.parquet").unlink()
    (run / "timeline.parquet").unlink()
    assert comparison.attempts(run, ["kind"]).empty
    assert comparison.timeline(run).columns.tolist()[:2] == ["at_ns", "remaining"]
    assert comparison.faults(run).empty


def test_a_strategy_on_two_stacks_has_two_labels(tmp_path: Path) -> None:
    twice = [Rival("row_lock", 10, "postgresql"), Rival("row_lock", 20, "mariadb"), RIVALS[0]]
    labels = load(write_comparison(tmp_path, twice)).rows["label"].tolist()
    assert labels == ["row_lock on postgresql", "row_lock on mariadb", "conditional_update"]


def test_a_folder_that_is_no_comparison_is_named_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"is no comparison .*stockproof runs list"):
        load(tmp_path)


def test_damaged_records_are_refused(tmp_path: Path) -> None:
    (tmp_path / "comparison.json").write_text('{"format": 1, "rows": [')
    with pytest.raises(Unreadable, match="is damaged"):
        load(tmp_path)


def test_another_format_is_refused(tmp_path: Path) -> None:
    path = write_comparison(tmp_path, RIVALS[:1], format=FORMAT + 1)
    with pytest.raises(Unreadable, match=rf"format {FORMAT + 1} and this version reads"):
        load(path)


def test_unlike_machines_are_refused_unless_wanted(tmp_path: Path) -> None:
    one = write_comparison(tmp_path / "one", RIVALS[:1])
    other = write_comparison(tmp_path / "other", RIVALS[:1])
    content = json.loads((other / "comparison.json").read_text())
    content["machine"]["cores"] = 64
    (other / "comparison.json").write_text(json.dumps(content))

    with pytest.raises(Unreadable, match="cores: 2 and 64"):
        load_all([one, other])
    assert len(load_all([one, other], unlike_machines=True)) == 2


def test_comparisons_of_one_machine_stand_in_one_frame(tmp_path: Path) -> None:
    paths = [write_comparison(tmp_path / name, RIVALS[:2]) for name in ("one", "other")]
    frame = side_by_side(load_all(paths))
    assert len(frame) == 4
    assert frame["seed"].tolist() == [7] * 4
