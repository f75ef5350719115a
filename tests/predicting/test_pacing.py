"""The pace of a strategy: found from four clients, kept in the file, applied to its work alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from scenarios.predicting.calibration import Found
from scenarios.predicting.pacing import FASTEST, SLOWEST, orders_per_s, pace_of, paces
from scenarios.predicting.profile import About, load_profile
from scenarios.predicting.resources import Cores
from scenarios.predicting.writing_toml import toml_of
from tests.predicting.conftest import PLAIN


@pytest.mark.slow
@pytest.mark.parametrize("name, pace", [("split_rows", 1.6), ("advisory_lock", 0.7)])
def test_a_pace_that_was_planted_is_found(name: str, pace: float) -> None:
    seen_per_s = orders_per_s(PLAIN, name, pace)
    assert seen_per_s != orders_per_s(PLAIN, name, 1.0)
    found = dict([pace_of((PLAIN, name, seen_per_s))])
    assert found[name] == pytest.approx(pace, rel=0.08)


@pytest.mark.slow
def test_a_pace_has_bounds() -> None:
    assert paces(PLAIN, {"split_rows": 1.0}) == {"split_rows": SLOWEST}
    assert paces(PLAIN, {"split_rows": 1e9}) == {"split_rows": FASTEST}


def test_only_the_work_of_the_strategy_named_is_slower_and_the_disk_is_not() -> None:
    profile = replace(PLAIN, pace={"row_lock": 2.0}, sql_steps={"ClaimOrder": 30.0})
    assert profile.of_strategy("split_rows") is profile
    slow = profile.of_strategy("row_lock")
    assert (slow.client.sql_us, slow.sql.statement_us, slow.kv.command_us) == (20, 80, 20)
    assert slow.sql_steps == {"ClaimOrder": 60.0}
    assert slow.sql.flush_us == PLAIN.sql.flush_us
    assert slow.sql.hand_over_us == PLAIN.sql.hand_over_us


def test_the_file_keeps_the_pace(tmp_path: Path) -> None:
    path = tmp_path / "here.toml"
    found = Found(replace(PLAIN, pace={"row_lock": 1.25, "split_rows": 0.9}))
    path.write_text(toml_of(found, About("here", "a test")), encoding="utf-8")
    assert load_profile(str(path)).pace == {"row_lock": 1.25, "split_rows": 0.9}


def test_beside_a_neighbour_work_is_slower_for_as_long_as_he_works() -> None:
    cores = Cores(2)
    assert cores.done_s(0.0, 1.0, 2.0) == 1.0  # nobody else is there
    assert cores.done_s(0.0, 0.25, 2.0) == 0.5  # he works for longer than I do
    assert cores.done_s(0.5, 1.0, 2.0) == 1.75  # half a second beside him, the rest alone
    assert cores.done_s(0.5, 1.0, 2.0) == 3.0  # both were busy: it waits, and all of it is slower


def test_who_is_spared_something_in_a_crowd_is_not_slowed_by_a_neighbour() -> None:
    cores = Cores(2)
    cores.done_s(0.0, 1.0)
    assert cores.done_s(0.0, 0.5, 0.6) == 0.5
