"""A scenario is read strictly: every mistake is one sentence that names file and key."""

from pathlib import Path

import pytest

from inventory_core.problems import Problem
from scenarios.scenario import Scenario, load_scenario, scenario_names


def written(folder: Path, text: str) -> str:
    path = folder / "my_sale.toml"
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize("name", scenario_names())
def test_every_scenario_that_comes_with_the_project_can_be_read(name: str) -> None:
    scenario = load_scenario(name)
    assert scenario.name == name
    assert scenario.title
    assert scenario.description


def test_the_three_scenarios_are_there() -> None:
    assert {"flash_sale", "oversell_attempts", "real_baskets"} <= set(scenario_names())


def test_an_empty_file_is_a_scenario_of_defaults(tmp_path: Path) -> None:
    assert load_scenario(written(tmp_path, "")) == Scenario("my_sale")


def test_settings_override_the_file() -> None:
    scenario = load_scenario(
        "flash_sale", ["demand.rate_per_s=5000", "demand.kind=open", "demand.quantities=[2, 3]"]
    )
    assert scenario.demand.rate_per_s == 5000.0
    assert scenario.demand.kind == "open"
    assert scenario.demand.quantities == (2, 3)


@pytest.mark.parametrize(
    "text, sentence",
    [
        ("[demand]\nrate_per_sec = 5", "demand.rate_per_sec is not a key.*demand.rate_per_s?"),
        ("[demnd]\nkind = 'open'", "demnd is not a key; did you mean demand?"),
        ("[stock]\nquantity = 'many'", "stock.quantity is 'many'; write a whole number"),
        ("[stock]\nquantity = true", "stock.quantity is True; write a whole number"),
        ("[stock]\nquantity = -1", "stock.quantity is -1; write a number from 0"),
        ("[demand]\nkind = 'ajar'", "demand.kind is 'ajar'; write one of closed, open"),
        ("[demand]\nquantities = [1, 'x']", "demand.quantities.*a list of whole numbers"),
        ("[demand]\nquantities = [0]", "demand.quantities is 0; write a number from 1"),
        ("[demand]\nlines = []", "at least one number"),
        ("[demand]\npay = 0.7\nroll_back = 0.7", "add up to 1"),
        ("demand = 3", r"demand must be a table; write \[demand\]"),
        ("title = 3", "title is 3; write a text"),
        ("[stock", "cannot be read as TOML"),
        ("[faults]\nserver_killed = 1", "faults is not a key; did you mean fault?"),
        ("[fault]\nkind = 'client_dies'", r"must be a list of tables; write \[\[fault\]\]"),
        ("[[fault]]\nat_s = 1", "fault 1.kind is missing; write one of client_dies"),
        ("[[fault]]\nkind = 'fire'", "fault 1.kind is 'fire'; write one of client_dies"),
        ("[[fault]]\nkind = 'client_dies'\nshare = 2", "fault 1.share is 2; write a number from 0"),
        ("[[fault]]\nkind = 'server_killed'\nshare = 0.1", "share means nothing to server_killed"),
        ("[[fault]]\nkind = 'server_killed'\nat_s = 9", "strikes after 9 s, and the run is over"),
        ("[[fault]]\nkind = 'client_dies'\n[shop]", "cannot be brought about in a shop"),
        (
            "[[fault]]\nkind = 'holder_paused'\nlease_ms = 5\n"
            "[[fault]]\nkind = 'holder_paused'\nlease_ms = 6",
            "two different lease_ms",
        ),
    ],
)
def test_a_mistake_is_one_sentence_that_names_file_and_key(
    tmp_path: Path, text: str, sentence: str
) -> None:
    with pytest.raises(Problem, match=sentence) as told:
        load_scenario(written(tmp_path, text))
    assert "my_sale.toml" in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("setting", ["demand", "demand.kind", "=3", "demand.=3", "title.x=1"])
def test_a_setting_that_overrides_nothing_is_refused(setting: str, tmp_path: Path) -> None:
    with pytest.raises(Problem, match="overrides nothing"):
        load_scenario(written(tmp_path, "title = 'x'"), [setting])


def test_a_setting_of_a_wrong_key_is_refused_like_one_in_the_file() -> None:
    with pytest.raises(Problem, match=r"did you mean demand\.connections"):
        load_scenario("flash_sale", ["demand.connection=4"])


def test_faults_are_declared_in_the_file_or_spoken(tmp_path: Path) -> None:
    text = "[[fault]]\nkind = 'server_killed'\nat_s = 1\nserver = 'valkey'"
    scenario = load_scenario(written(tmp_path, text), (), ["reply_lost,share=0.5", "client_dies"])
    assert [fault.kind for fault in scenario.faults] == [
        "server_killed",
        "reply_lost",
        "client_dies",
    ]
    assert [fault.share for fault in scenario.faults] == [0.02, 0.5, 0.02]
    assert scenario.faults[0].server == "valkey"


def test_a_spoken_fault_that_sets_nothing_is_refused() -> None:
    with pytest.raises(Problem, match="'share' sets nothing; write KIND,KEY=VALUE"):
        load_scenario("flash_sale", (), ["client_dies,share"])


@pytest.mark.parametrize(
    "words, moments",
    [
        ("server_killed", [2.0]),
        ("server_killed,at_s=1", [1.0]),
        ("server_killed,every_s=2", [2.0, 4.0]),
        ("server_killed,at_s=1,every_s=2", [1.0, 3.0, 5.0]),
    ],
)
def test_a_fault_strikes_when_it_was_told_to(words: str, moments: list[float]) -> None:
    (fault,) = load_scenario("flash_sale", ["run.seconds=6"], [words]).faults
    assert list(fault.moments_s(6)) == moments


def test_an_unknown_scenario_names_the_known_ones() -> None:
    with pytest.raises(Problem, match=r"choose among .*flash_sale"):
        load_scenario("flesh_sale")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="there is no file"):
        load_scenario(str(tmp_path / "none.toml"))
