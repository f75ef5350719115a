"""What is promised beside what was measured, and the fastest of each kind."""

from pathlib import Path

import pytest

from reports.load import PUBLISHED
from reports.questions import choosing

CATALOGUE = """\
strategy,family,control,needs,round_trips,lacks,loses,must_break
conditional_update,row,False,sql,3,,,
split_rows,split,False,sql,3,"no false sold-out, linearizable",,
redis_script,redis,False,kv,1,,"power_lost, failover_with_lag",
naive_read_write,control,True,sql,5,never oversells,,never oversells
"""
CELLS = """\
strategy,load,measured_per_s,measured_low,measured_high,predicted_per_s,error,noise,measured_p99_ms
conditional_update,16,2700,2600,2800,2700,0,0,20
split_rows,16,5300,5200,5400,5300,0,0,10
redis_script,16,42000,41000,43000,42000,0,0,
redis_script,2,9000,8900,9100,9000,0,0,
"""


@pytest.fixture
def three(own_shelf: Path) -> Path:
    (own_shelf / "catalogue.csv").write_text(CATALOGUE)
    (own_shelf / "validation").mkdir()
    (own_shelf / "validation" / "cells.csv").write_text(CELLS)
    return own_shelf


def test_controls_are_no_choice_and_the_fastest_comes_first(three: Path) -> None:
    found = choosing.choices()
    assert found["strategy"].tolist() == ["redis_script", "split_rows", "conditional_update"]
    assert found["measured_per_s"].tolist() == [42_000, 5_300, 2_700]
    assert [choosing.promise_of(row) for _, row in found.iterrows()] == [
        "may lose acknowledged orders",
        "may refuse with stock left",
        "promises everything",
    ]


def test_the_answer_has_a_fastest_of_each_kind_of_promise(three: Path) -> None:
    told = choosing.answer()
    kind = "May lose acknowledged orders: one strategy"
    assert told[0] == f"{kind}, the fastest redis_script, 42,000/s (41,000 to 43,000)."
    assert told[-1].startswith("With nothing but a database, and everything promised: conditional_")


@pytest.mark.slow
def test_the_title_says_what_the_faster_ones_give_up(three: Path) -> None:
    drawing = choosing.draw()
    assert drawing is not None
    assert drawing.title == (
        "conditional_update is the fastest that promises everything (2,700/s); of 2 faster ones 1"
        " may lose acknowledged orders"
    )


@pytest.mark.slow
def test_two_that_reach_into_one_another_are_level(three: Path) -> None:
    cells = three / "validation" / "cells.csv"
    cells.write_text(cells.read_text() + "row_lock,16,2650,2500,2750,2600,0,0,20\n")
    catalogue = three / "catalogue.csv"
    catalogue.write_text(catalogue.read_text() + "row_lock,row,False,sql,4,,,\n")
    drawing = choosing.draw()
    assert drawing is not None
    who = "conditional_update and row_lock are level as the fastest that promise everything"
    assert drawing.title.startswith(f"{who} (2,700/s)")


def test_what_is_not_there_is_said(own_shelf: Path) -> None:
    assert choosing.draw() is None
    assert "Not published yet: catalogue.csv" in choosing.answer()[0]
    (own_shelf / "catalogue.csv").write_text(CATALOGUE)
    assert choosing.draw() is None
    assert "Not published yet: validation" in choosing.answer()[0]


def test_every_strategy_of_the_published_catalogue_was_measured() -> None:
    assert (PUBLISHED / "catalogue.csv").exists()
    assert choosing.choices()["measured_per_s"].notna().all()
