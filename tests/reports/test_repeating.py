"""Every number has a command that makes it again, and says from which seeds it came."""

from __future__ import annotations

from pathlib import Path

from reports.load import PUBLISHED, load
from reports.repeating import repeats
from scenarios.history import RunFolder
from tests.reports.made_up_records import RIVALS, write_comparison


def commands(folder: Path, command: str, **about: object) -> dict[str, str]:
    path = write_comparison(folder, RIVALS[:2], attempts=60, command=command, **about)
    return {one.what: one.command for one in repeats(load(path))}


def test_a_row_has_the_options_of_the_comparison_and_only_its_own_strategy(tmp_path: Path) -> None:
    found = commands(
        tmp_path,
        "stockproof compare flash_sale --strategy row_lock --strategy conditional_update"
        " --repeat 3 --set stock.quantity=50 --fault power_lost,server=all --out x --json",
    )
    kept = "--repeat 3 --set stock.quantity=50 --fault power_lost,server=all"
    assert found["row_lock on postgresql"] == (
        f"stockproof measure flash_sale {kept} --strategy row_lock --stack postgresql"
    )
    assert found["the proof of row_lock"] == "stockproof prove row_lock"
    assert found["this page, from its records"] == "stockproof report flash_sale-7"


def test_predictions_are_made_again_with_their_profile(tmp_path: Path) -> None:
    about = {"predicted": [{"strategy": "row_lock"}], "profile": {"name": "one_machine"}}
    found = commands(tmp_path, "stockproof compare flash_sale --profile x", **about)
    assert found["the predictions beside them"] == (
        "stockproof compare flash_sale --profile one_machine"
    )


def test_what_is_no_comparison_is_repeated_as_a_whole_and_nonsense_not_at_all(
    tmp_path: Path,
) -> None:
    load_test = "stockproof load flash_sale --users 5"
    assert commands(tmp_path / "load", load_test)["every row"] == load_test
    assert "every row" not in commands(tmp_path / "nonsense", 'stockproof "measure')


def test_the_seeds_are_those_of_the_runs(tmp_path: Path) -> None:
    path = write_comparison(tmp_path, RIVALS[:1], attempts=60)
    comparison = load(path)
    for number, run in enumerate(comparison.runs()):
        RunFolder(run).write_json("run", {"seed": 70_000 + number})
    assert repeats(comparison)[0].source == "seeds 70000 to 70002"


def test_a_published_page_is_named_by_its_path() -> None:
    assert repeats(load(PUBLISHED / "flash_sale"))[-1].command == (
        "stockproof report reports/published/flash_sale"
    )
