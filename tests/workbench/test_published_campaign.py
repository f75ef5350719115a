"""The published campaign is whole, and its page follows from its records."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from inventory_core.strategy.registry import strategies
from reports.load import PUBLISHED, Comparison
from workbench import published_campaign
from workbench.published_campaign import (
    HEADLINE,
    SCENARIOS,
    SHOPS,
    main,
    measured_apart,
    page_of,
    published_in,
    words_of,
)
from workbench.stopping import STOPPED

PLACE = PUBLISHED / "campaign"
MOST_BYTES = 20_000_000
AT_LEAST = 40
"""Strategies; a new one is in the catalogue before the next campaign."""


def test_headlines_are_repeated_ten_times_and_have_everybody() -> None:
    for name in HEADLINE:
        words = words_of(name)
        assert words[words.index("--repeat") + 1] == "10"
        assert set(strategies()) <= set(words)


@pytest.mark.slow
def test_the_committed_page_is_written_again_and_has_every_scenario_and_strategy() -> None:
    found = published_in(PLACE)
    assert set(found) == set(SCENARIOS)
    assert page_of(found) == (PLACE / "README.md").read_text(encoding="utf-8")
    everybody = set(found[HEADLINE[0]].rows["strategy"])
    assert everybody <= set(strategies())
    assert len(everybody) >= AT_LEAST
    for name in HEADLINE:
        rows = found[name].rows
        assert set(rows["strategy"]) == everybody, name
        assert rows["repetitions"].min() == 10, name
    for name in set(SCENARIOS) - set(SHOPS):
        assert found[name].rows["repetitions"].min() >= 3, name


def test_its_records_are_no_burden_to_the_repository() -> None:
    sizes = [path.stat().st_size for path in PLACE.rglob("*.parquet")]
    assert sizes
    assert sum(sizes) <= MOST_BYTES


def campaign_in(place: Path, **commits: str) -> Comparison:
    """Records of two runs a strategy, the second by the version that is named."""
    rows = []
    for name, commit in commits.items():
        runs = [f"{name}-{turn}" for turn in range(2)]
        rows.append({"strategy": name, "label": name, "runs": runs})
        for run, version in zip(runs, ("aaa", commit), strict=True):
            (place / run).mkdir(parents=True)
            asked = {"software": {"commit": version}}
            (place / run / "run.json").write_text(json.dumps(asked), encoding="utf-8")
    return Comparison(place, {}, pd.DataFrame(rows), ())


def test_who_was_measured_by_another_version_is_named(tmp_path: Path) -> None:
    alike = campaign_in(tmp_path / "alike", row_lock="aaa", redis_script="aaa")
    apart = campaign_in(tmp_path / "apart", row_lock="aaa", redis_script="bbb", escrow="aaa")
    assert measured_apart({"hotspots": alike}).startswith("All runs of a scenario")
    said = measured_apart({"hotspots": alike, "flash_sale": apart})
    assert said.endswith("the rest of the scenario: `redis_script` in flash_sale.")


def test_a_campaign_that_is_stopped_goes_no_further(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def run(words: list[str]) -> int:
        asked.append(words[1])
        return STOPPED if len(asked) == 2 else 0

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(published_campaign, "run", run)
    monkeypatch.setattr(published_campaign, "PUBLISHED", tmp_path / "published")
    assert main(["flash_sale", "hotspots", "deep_stock"]) == STOPPED
    assert asked == ["flash_sale", "hotspots"]
    assert not (tmp_path / "published").exists()
