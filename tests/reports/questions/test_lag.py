"""How far behind the product is: at rates that it keeps up with, and beyond."""

import json
from pathlib import Path

import pytest

from reports.questions import lag

HEAD = "asked_per_s,written_per_s,applied_per_s,lag_ms_p50,lag_ms_p99\n"
KEEPING = "1000,1000,1000,20,50\n2000,2000,1999,30,60\n"
BEHIND = "0,20000,12000,6000,9000\n"
SLOW = """\
stopped_s,retained_mb_most,warned,catch_up_s
60.0,13.6,True,7.2
"""


def shelved(shelf: Path, rates: str) -> None:
    (shelf / "cdc").mkdir()
    (shelf / "cdc" / "rates_postgresql.csv").write_text(HEAD + rates)
    (shelf / "cdc" / "slow.csv").write_text(SLOW)


def test_the_rate_that_is_too_high_is_told_apart(own_shelf: Path) -> None:
    shelved(own_shelf, BEHIND + KEEPING)
    assert lag.rates()["keeps_up"].tolist() == [True, True, False]
    told = lag.answer()
    half = "half of the changes are seen within 20.0 ms"
    assert told[0].startswith(f"With 1,000 changes a second {half}")
    assert "(only 12,000 of them are applied)" in told[2]
    assert told[3].startswith("A consumer that stood still for 60.0 s was caught up with in 7.20 s")
    assert told[3].endswith("meanwhile and warned.")


@pytest.mark.slow
@pytest.mark.parametrize(
    "rates, title",
    [
        (KEEPING, "Up to 2,000 changes a second, 99 of 100 are seen within 60.0 ms"),
        (BEHIND, "At no rate tried does the product keep up with the source"),
        (
            KEEPING + BEHIND,
            "Up to 2,000 changes a second, 99 of 100 are seen within 60.0 ms; at 20,000 half of"
            " them wait longer than 6,000 ms",
        ),
    ],
)
def test_the_title_is_the_finding(own_shelf: Path, rates: str, title: str) -> None:
    shelved(own_shelf, rates)
    drawing = lag.draw()
    assert drawing is not None
    assert drawing.title == title


def test_what_is_not_there_is_said(own_shelf: Path) -> None:
    assert lag.draw() is None
    assert "Not published yet: cdc" in lag.answer()[0]


def test_windows_are_shown_where_somebody_published_them(own_shelf: Path) -> None:
    assert lag.windows().empty
    row = {"path": "polling", "own_ms": 1000.0, "stale_share": 0.25, "lost_sales": 3, "looks": 200}
    measured = row | {"world": "measured", "fault": "", "control": ""}
    rows = [measured, measured | {"world": "predicted"}, measured | {"control": "planted"}]
    (own_shelf / "sync_lag").mkdir()
    (own_shelf / "sync_lag" / "lag.json").write_text(json.dumps({"rows": rows}))
    (found,) = lag.windows().to_dict("records")
    assert found["stale, %"] == 25
    assert found["lost sales, %"] == 1.5
