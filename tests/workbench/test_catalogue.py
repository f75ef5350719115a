"""The table of strategies/README.md is the one that the code makes."""

from inventory_core.strategy import registry
from workbench.catalogue import BEGIN, PAGE, TABLE, as_csv, catalogue, renewed


def test_the_table_is_current() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert renewed(page) == page, "run python -m workbench.catalogue"
    assert TABLE.read_text(encoding="utf-8") == as_csv(), "run python -m workbench.catalogue"


def test_every_strategy_has_a_row_and_a_family_that_is_judged() -> None:
    page = PAGE.read_text(encoding="utf-8")
    judged = page.partition("## Which one?")[2]
    for name, kind in registry.strategies().items():
        if kind.family != "floor":
            assert f"[`{name}`]({name}.py)" in catalogue()
            assert kind.family in judged


def test_a_stale_table_is_noticed() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert renewed(page.replace("| row |", "| raw |", 1)) == page
    assert page.count(BEGIN) == 1
