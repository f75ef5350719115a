"""The time of an order is divided into its steps, and the parts add up to the whole."""

from pathlib import Path

import pytest

from reports.load import Comparison, absent, load
from reports.publishing import TIMED_MOST, publish
from reports.questions import spent
from scenarios.history import RunFolder
from tests.reports.made_up_records import RIVALS, write_comparison

pytestmark = pytest.mark.slow

MS = 1_000_000
PLAN = (("Begin", 0, 0), ("TakeIfEnough", 1, 7), ("Commit", 8, 10))  # name, sent, replied, in ms


def timed(folder: Path, operations: int = 4, plan: tuple[tuple[str, int, int], ...] = PLAN) -> Path:
    """A made-up comparison whose runs timed the steps of so many operations."""
    path = write_comparison(folder, RIVALS[:2], repetitions=2)
    for run in RunFolder(path).runs():
        rows = [
            (operation, place, name, sent * MS, replied * MS)
            for operation in range(operations)
            for place, (name, sent, replied) in enumerate(plan)
        ]
        names = ("operation", "place", "step", "sent_ns", "replied_ns")
        run.write_table("steps", dict(zip(names, zip(*rows, strict=True), strict=True)))
    return path


def shares(comparison: Comparison, label: str) -> dict[str, float]:
    found = spent.spent(comparison)
    own = found[found["label"] == label]
    return dict(zip(own["step"], own["share"], strict=True))


def test_the_parts_are_the_steps_and_what_lies_between_them(tmp_path: Path) -> None:
    found = shares(load(timed(tmp_path)), "conditional_update")
    expected = {"TakeIfEnough": 0.6, "Commit": 0.2, spent.BETWEEN: 0.2, "Begin": 0.0}
    assert found == pytest.approx(expected)
    assert next(iter(found)) == "TakeIfEnough"


def test_the_longest_step_is_told_and_drawn(tmp_path: Path) -> None:
    comparison = load(timed(tmp_path))
    told = spent.answer(comparison)
    whole = "conditional_update: 10.0 ms an accepted order"
    assert told[0].startswith(f"{whole}, 60% of it TakeIfEnough")
    drawing = spent.draw(comparison)
    assert drawing is not None
    assert drawing.title == "In 2 of 2 strategies one step takes more than half of the time"
    texts = {text.get_text() for text in drawing.figure.axes[0].texts}
    assert {"TakeIfEnough", "Commit", "10.0 ms"} <= texts
    assert list(spent.as_table(comparison).index) == ["conditional_update", "row_lock"]


def test_waiting_between_steps_can_be_the_largest_part(tmp_path: Path) -> None:
    waits = (("Begin", 0, 0), ("TakeIfEnough", 8, 9), ("Commit", 9, 10))
    drawing = spent.draw(load(timed(tmp_path, plan=waits)))
    assert drawing is not None
    assert drawing.title == "In 2 of 2 strategies one step takes more than half of the time"
    assert spent.BETWEEN in {text.get_text() for text in drawing.figure.axes[0].texts}


def test_what_was_published_without_steps_is_told_from_what_was_not(
    made_up: Path, tmp_path: Path
) -> None:
    assert "without the times of its steps" in spent.answer(load(made_up))[0]
    assert spent.draw(load(made_up)) is None
    nothing = absent(tmp_path / "flash_sale")
    assert "Not published yet: flash_sale" in spent.answer(nothing)[0]
    assert spent.as_table(nothing).empty


def test_publishing_keeps_the_steps_of_accepted_orders_and_not_of_too_many(tmp_path: Path) -> None:
    full = timed(tmp_path, operations=700)  # of 800, 500 of them accepted
    comparison = load(publish(full, tmp_path / "kept"))
    for run in comparison.runs():
        steps = comparison.steps(run)
        operations = set(steps["operation"])
        assert len(operations) == TIMED_MOST
        assert max(operations) == 499
        assert len(steps) == TIMED_MOST * len(PLAN)
    assert shares(comparison, "row_lock")["TakeIfEnough"] == pytest.approx(0.6)
