"""Old records compared: only what may be, and everything else is unknown with the sentence why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inventory_core.problems import Problem
from scenarios.history import FORMAT, SCHEMAS, RunFolder
from scenarios.measuring.slices import Slices
from scenarios.records_compared import Pairing, compare_records

MACHINE = {"cores": 2, "cpu_model": "made up", "memory_gib": 24.0, "platform": "Linux x86_64"}
SLICES = Slices(seed=4, rounds=12)
MS = 1_000_000


def run(folder: Path, goodput: float, reference: float | None = 1_000.0, **more: Any) -> None:
    """One finished run."""
    about = {
        "format": FORMAT,
        "machine": MACHINE,
        "scenario": {"stock": {"quantity": 5}, "demand": {"connections": 8}},
        "reference_per_s": [reference, reference],
    }
    row = {
        "strategy": "row_lock",
        "stack": "postgresql",
        "verdict": "holds",
        "goodput_per_s": goodput,
        "promises_broken": [],
        "note": "",
        "sold_out_after_s": None,
    }
    about |= more.pop("about", {})
    RunFolder(folder).write_json("run", about)
    RunFolder(folder).write_json("verdict", {"row": row | more, "findings": []})


def repetitions(folder: Path, goodputs: list[float], reference: float | None = 1_000.0) -> Path:
    for number, goodput in enumerate(goodputs):
        run(folder / f"row_lock-{number}", goodput, reference)
    return folder


def turns(folder: Path, side: int, order_ms: float, starts_ns: int = 7) -> Path:
    """The records of one side that took turns; every order took so long, give or take."""
    dice = np.random.default_rng(side)
    rows = []
    for turn in SLICES.turns(side):
        now = turn.starts_ns
        while now < turn.until_ns:
            took = round(order_ms * MS * dice.uniform(0.9, 1.1))
            rows.append((now, now + took))
            now += took
    sent, replied = zip(*rows, strict=True)
    given = {
        "client": [0] * len(rows),
        "sent_ns": sent,
        "replied_ns": replied,
        "kind": ["deduct"] * len(rows),
        "outcome": ["deducted"] * len(rows),
    }
    empty = [None] * len(rows)
    columns = {name: given.get(name, empty) for name in SCHEMAS["attempts"].names}
    RunFolder(folder).write_table("attempts", columns)
    told = {"slices": SLICES.as_json(), "side": side, "starts_ns": starts_ns}
    run(folder, 1_000.0, None, about={"turns": told, "reference_per_s": []})
    return folder


def only(found: list[Pairing]) -> Pairing:
    assert len(found) == 1
    return found[0]


FIVE = [100.0, 103.0, 99.0, 105.0, 101.0]


def test_sides_of_one_run_are_compared_round_by_round(tmp_path: Path) -> None:
    base, new = turns(tmp_path / "base", 1, 1.0), turns(tmp_path / "new", 0, 1.25)
    found = only(compare_records(base, new, 0.05))
    assert (found.by, found.ratio.verdict) == ("turns", "slower")
    assert found.ratio.ratio == pytest.approx(0.8, abs=0.02)
    assert only(compare_records(new, base, 0.05)).ratio.verdict == "faster"


def test_sides_of_two_runs_did_not_take_turns_with_each_other(tmp_path: Path) -> None:
    base = turns(tmp_path / "base", 1, 1.0, starts_ns=7)
    new = turns(tmp_path / "new", 0, 1.25, starts_ns=8)
    found = only(compare_records(base, new, 0.05))
    assert (found.by, found.ratio.verdict) == ("nothing", "unknown")
    assert "did not take turns" in found.ratio.why


def test_runs_without_a_reference_slice_are_unknown(tmp_path: Path) -> None:
    base = repetitions(tmp_path / "base", FIVE, None)
    new = repetitions(tmp_path / "new", [each / 2 for each in FIVE])
    found = only(compare_records(base, new, 0.05))
    assert found.ratio.verdict == "unknown"
    assert "reference slice" in found.ratio.why


def test_a_slower_machine_is_not_taken_for_a_slower_strategy(tmp_path: Path) -> None:
    base = repetitions(tmp_path / "base", FIVE, 1_000.0)
    new = repetitions(tmp_path / "new", [each * 0.8 for each in FIVE], 800.0)
    found = only(compare_records(base, new, 0.05))
    assert found.by == "reference"
    assert found.ratio.ratio == pytest.approx(1.0)
    assert found.ratio.verdict != "slower"


def test_a_slower_strategy_on_the_same_machine_is_found(tmp_path: Path) -> None:
    base = repetitions(tmp_path / "base", FIVE)
    new = repetitions(tmp_path / "new", [each * 0.8 for each in FIVE])
    found = only(compare_records(base, new, 0.05))
    assert (found.by, found.ratio.verdict, found.effect) == ("reference", "slower", -1.0)


def test_a_machine_in_another_state_is_unknown(tmp_path: Path) -> None:
    base = repetitions(tmp_path / "base", FIVE, 1_000.0)
    new = repetitions(tmp_path / "new", FIVE, 400.0)
    assert "another state" in only(compare_records(base, new, 0.05)).ratio.why


def test_few_repetitions_are_unknown(tmp_path: Path) -> None:
    base, new = (repetitions(tmp_path / name, FIVE[:3]) for name in ("base", "new"))
    assert "--repeat 5" in only(compare_records(base, new, 0.05)).ratio.why


def test_who_is_void_has_no_speed(tmp_path: Path) -> None:
    base, new = repetitions(tmp_path / "base", FIVE), repetitions(tmp_path / "new", FIVE)
    run(new / "row_lock-9", 999.0, verdict="void")
    found = only(compare_records(base, new, 0.05))
    assert (found.ratio.verdict, found.new_verdict) == ("unknown", "void")
    assert "the new is void" in found.ratio.why


def test_unlike_machines_and_questions_are_refused_unless_one_says_so(tmp_path: Path) -> None:
    base = repetitions(tmp_path / "base", FIVE)
    for number in range(5):
        run(tmp_path / "far" / f"{number}", 100.0, about={"machine": MACHINE | {"cores": 64}})
        asked = {"stock": {"quantity": 6}, "demand": {"connections": 8}}
        run(tmp_path / "other" / f"{number}", 100.0, about={"scenario": asked})
    with pytest.raises(Problem, match="unlike machines"):
        compare_records(base, tmp_path / "far", 0.05)
    with pytest.raises(Problem, match="two questions"):
        compare_records(base, tmp_path / "other", 0.05)
    assert only(compare_records(base, tmp_path / "far", 0.05, unlike=True)).by == "reference"


def test_records_of_another_format_are_refused(tmp_path: Path) -> None:
    run(tmp_path / "old", 100.0, about={"format": 0})
    with pytest.raises(Problem, match="measure again"):
        compare_records(tmp_path / "old", tmp_path / "old", 0.05)


def test_records_without_a_strategy_in_common_are_refused(tmp_path: Path) -> None:
    base, new = repetitions(tmp_path / "base", FIVE), repetitions(tmp_path / "new", FIVE)
    run(base / "x", 1.0, strategy="one")
    run(base / "row_lock-0", 1.0, strategy="two")
    for number in range(5):
        run(new / f"row_lock-{number}", 1.0, strategy="three")
    run(new / "y", 1.0, strategy="four")
    with pytest.raises(Problem, match="in common"):
        compare_records(base, new, 0.05)
