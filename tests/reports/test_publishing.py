"""What is kept of a comparison says the same as all of it, in a fraction of the space."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from reports.load import Unreadable, load
from reports.publishing import KEPT, publish
from reports.samples import latencies, stock_curves
from tests.reports.made_up_records import RIVALS, write_comparison

pytestmark = pytest.mark.slow


def size_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*/attempts.parquet"))


def test_what_is_kept_has_the_same_percentiles_and_curves(made_up: Path, tmp_path: Path) -> None:
    kept = load(publish(made_up, tmp_path / "kept"))
    for ours, theirs in zip(
        latencies(kept).itertuples(), without_floor(latencies(load(made_up))), strict=True
    ):
        assert (ours.label, ours.answer, ours.samples) == (
            theirs.label,
            theirs.answer,
            theirs.samples,
        )
        assert ours.latency_ms == pytest.approx(theirs.latency_ms, abs=0.0011)
    ends = {curve.label: curve.unpromised[-1] for curve in stock_curves(load(made_up))}
    for curve in stock_curves(kept):
        assert curve.unpromised[-1] == ends[curve.label]


def without_floor(found: pd.DataFrame) -> list[Any]:
    return list(found[found["label"] != "noop"].itertuples())


def test_it_is_much_smaller_and_has_its_page_and_pictures(tmp_path: Path) -> None:
    full = write_comparison(tmp_path, RIVALS[:1], repetitions=1, attempts=20_000)
    kept = publish(full, tmp_path / "kept")
    assert size_bytes(kept) < size_bytes(full) / 4
    names = {path.name for path in kept.iterdir() if path.is_file()}
    assert names >= {"comparison.json", "report.html", "report.md", "report.csv", "goodput.svg"}
    comparison = load(kept)
    assert set(comparison.attempts(comparison.runs()[0]).columns) == set(KEPT)


def test_publishing_again_replaces_and_nothing_else_gives_way(
    made_up: Path, tmp_path: Path
) -> None:
    first = publish(made_up, tmp_path / "kept") / "report.html"
    page = first.read_bytes()
    assert (publish(made_up, tmp_path / "kept") / "report.html").read_bytes() == page

    other = tmp_path / "other"
    other.mkdir()
    (other / "diary.txt").write_text("mine")
    with pytest.raises(Unreadable, match="holds something else"):
        publish(made_up, other)
    assert (other / "diary.txt").read_text() == "mine"
    with pytest.raises(Unreadable, match="holds something else"):
        publish(made_up, made_up)


def test_of_a_large_campaign_the_attempts_of_a_few_repetitions_are_kept(tmp_path: Path) -> None:
    full = write_comparison(tmp_path, RIVALS[:2], repetitions=3, attempts=500)
    kept = load(publish(full, tmp_path / "kept", attempts_of=1))
    for label in kept.rows["label"]:
        counted = [len(kept.attempts(run)) > 0 for run in kept.runs(label)]
        assert counted == [True, False, False]
        assert all(kept.judged(run) for run in kept.runs(label))
    page = (tmp_path / "kept" / "report.md").read_text("utf-8")
    assert "attempts of one repetition of each strategy" in " ".join(page.split())
