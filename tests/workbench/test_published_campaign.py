"""The published campaign is whole, and its page follows from its records."""

from __future__ import annotations

import pytest

from inventory_core.strategy.registry import strategies
from reports.load import PUBLISHED
from workbench.published_campaign import (
    HEADLINE,
    SCENARIOS,
    SHOPS,
    page_of,
    published_in,
    words_of,
)

PLACE = PUBLISHED / "campaign"
MOST_BYTES = 20_000_000


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
    for name in HEADLINE:
        rows = found[name].rows
        assert set(rows["strategy"]) == set(strategies()), name
        assert rows["repetitions"].min() == 10, name
    for name in set(SCENARIOS) - set(SHOPS):
        assert found[name].rows["repetitions"].min() >= 3, name


def test_its_records_are_no_burden_to_the_repository() -> None:
    sizes = [path.stat().st_size for path in PLACE.rglob("*.parquet")]
    assert sizes
    assert sum(sizes) <= MOST_BYTES
