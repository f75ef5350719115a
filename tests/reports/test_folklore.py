"""What people say is borne out, contradicted or left open by intervals, and by nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from inventory_core.strategy import registry
from reports.folklore import SAYINGS, Faster, Fate, Found, Safe, held_against
from reports.load import Comparison, load
from scenarios.scenario import scenario_names
from tests.reports.made_up_records import RIVALS, Rival, write_comparison
from workbench.published_campaign import SCENARIOS, main, page_of, words_of

SLOW = pytest.mark.slow


def fate_of(saying: Faster | Safe, comparison: Comparison) -> Found:
    (found,) = held_against((saying,), {"flash_sale": comparison})
    return found


def faster(strategy: str, than: str, **factor: float) -> Faster:
    return Faster("They say so.", "flash_sale", strategy, than, **factor)


@SLOW
@pytest.mark.parametrize(
    "factor, fate",
    [
        ({"least": 1.5}, Fate.BORNE_OUT),
        ({"least": 3.0}, Fate.CONTRADICTED),
        ({"most": 3.0}, Fate.BORNE_OUT),
        ({"most": 1.5}, Fate.CONTRADICTED),
        ({"least": 2.0}, Fate.OPEN),
    ],
)
def test_a_factor_is_judged_by_the_whole_interval(
    factor: dict[str, Any], fate: Fate, made_up: Path
) -> None:
    found = fate_of(faster("conditional_update", "row_lock", **factor), load(made_up))
    assert found.fate is fate
    assert found.why.startswith("conditional_update 8,200/s, row_lock 4,100/s: 2.0 times (")


@SLOW
def test_speed_that_was_not_safe_counts_for_nothing(made_up: Path) -> None:
    found = fate_of(faster("naive_read_write", "row_lock", least=1), load(made_up))
    assert (found.fate, found.why) == (
        Fate.OPEN,
        "naive_read_write is void: its speed counts for nothing",
    )


@SLOW
def test_a_control_is_contradicted_if_caught_and_else_left_open(made_up: Path) -> None:
    caught = fate_of(Safe("It is safe.", "flash_sale", "naive_read_write"), load(made_up))
    assert caught.fate is Fate.CONTRADICTED
    assert "37 units oversold" in caught.why
    lucky = fate_of(Safe("It is safe.", "flash_sale", "redis_lock"), load(made_up))
    assert lucky.fate is Fate.OPEN


@SLOW
def test_what_was_not_measured_is_said_to_be(made_up: Path) -> None:
    absent = fate_of(faster("split_rows", "row_lock", least=1), load(made_up))
    assert absent.fate is Fate.UNMEASURED
    (nowhere,) = held_against((faster("row_lock", "row_lock", least=1),), {})
    assert nowhere.fate is Fate.UNMEASURED


def test_sayings_name_what_there_is() -> None:
    for saying in SAYINGS:
        assert saying.scenario in SCENARIOS
        names = {saying.strategy, saying.than} if isinstance(saying, Faster) else {saying.strategy}
        assert names <= set(registry.strategies()), saying
        assert not isinstance(saying, Faster) or saying.least > 0 or saying.most < float("inf")


def test_the_campaign_is_of_the_whole_catalogue_and_of_scenarios_that_exist() -> None:
    assert set(SCENARIOS) <= set(scenario_names())
    words = words_of("flash_sale")
    assert words[:2] == ["measure", "flash_sale"]
    assert {words[at + 1] for at, word in enumerate(words) if word == "--strategy"} == set(
        registry.strategies()
    )


def test_an_unknown_scenario_is_answered_with_the_known_ones(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["flash_sail"]) == 2
    assert "choose among flash_sale" in capsys.readouterr().out


@SLOW
def test_the_page_has_a_row_a_strategy_and_a_column_a_scenario(tmp_path: Path) -> None:
    one = load(write_comparison(tmp_path / "one", RIVALS))
    other = load(
        write_comparison(tmp_path / "other", (Rival("row_lock", 99), Rival("split_rows", 7)))
    )
    page = page_of({"flash_sale": one, "hotspots": other, "payment_timeouts": other})
    assert "| strategy | flash_sale | hotspots |" in page
    assert "| row_lock | 4,100 ✓ | 99.0 ✓ |" in page
    assert "| split_rows | – | 7.00 ✓ |" in page
    assert "| naive_read_write (control) | 5,200 ✗ | – |" in page
    assert "| noop" not in page
    assert "[payment_timeouts](payment_timeouts/report.md)" in page
    assert "Optimistic locking is faster than locking the row. | optimistic_version 3,900/s" in page
