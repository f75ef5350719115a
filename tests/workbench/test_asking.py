"""What weighs more, what is recorded, and where records go."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.scenario import load_scenario
from workbench.asking import Grade, folder_asked, grade_of, repeating, scenario_asked


def test_an_option_beats_a_setting_and_that_beats_the_grade() -> None:
    sets = ["run.seconds=0.7", "run.repetitions=8"]
    asked = scenario_asked("flash_sale", sets, Grade.PUBLISHED, {"run.seconds": 0.2})
    assert (asked.run.repetitions, asked.run.seconds) == (8, 0.2)


@pytest.mark.parametrize("grade", Grade)
def test_a_grade_is_what_it_asks_for(grade: Grade) -> None:
    assert grade_of(scenario_asked("flash_sale", [], grade, {})) == grade.value


def test_fewer_or_shorter_runs_are_of_demo_grade() -> None:
    few = scenario_asked("flash_sale", [], Grade.PUBLISHED, {"run.repetitions": 1})
    assert grade_of(few) == "demo"


@pytest.mark.parametrize(
    "word, kept",
    [
        ("postgresql://u:ge@he/im@h:5432/x", "postgresql://u:***@h:5432/x"),
        ("--sql-url=postgresql://u@h/x?password=geheim&a=1",
         "--sql-url=postgresql://u@h/x?password=***&a=1"),
        ("redis://:geheim@h:6379/0", "redis://:***@h:6379/0"),
    ],
)  # fmt: skip
def test_a_password_is_not_recorded(word: str, kept: str) -> None:
    said = repeating(["measure", word])
    assert "geheim" not in said
    assert kept in said


@pytest.mark.parametrize("word", ["redis://h:6379/0", "postgresql://u@h:5432/x", "a.b=c:d@e"])
def test_what_holds_no_password_is_recorded_as_it_is(word: str) -> None:
    assert repeating(["measure", word]).endswith(word)


def test_two_comparisons_in_one_second_get_two_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    scenario = load_scenario("flash_sale")
    for _ in range(3):
        folder_asked(None, scenario).mkdir(parents=True)
    assert len(list((tmp_path / "runs").iterdir())) == 3
    assert folder_asked(Path("mine"), scenario) == Path("mine")
