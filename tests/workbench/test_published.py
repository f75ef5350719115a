"""What `make published` measures: scenarios and strategies that exist, and a page that adds up."""

from collections.abc import Callable
from pathlib import Path

import pytest

from inventory_core.strategy import registry
from scenarios.measuring.pool_sizes import PoolSize
from scenarios.scenario import load_scenario
from workbench import published
from workbench.published import COMPARISONS, PAGES, Comparison, main
from workbench.published_backends import BACKENDS, SCENARIO, STRATEGIES, CellOfTable, why_not
from workbench.published_backends import page_of as page_of_backends
from workbench.published_pools import page_of
from workbench.stopping import STOPPED


@pytest.mark.parametrize("name", COMPARISONS)
def test_what_is_published_can_be_measured(name: str) -> None:
    comparison = COMPARISONS[name]
    assert load_scenario(comparison.scenario).title
    assert set(comparison.strategies) <= set(registry.strategies())


def test_strategies_are_named_one_by_one() -> None:
    words = Comparison("flash_sale", ("--repeat", "3"), ("noop", "row_lock"), "measure").words
    assert " ".join(words) == ("measure flash_sale --strategy noop --strategy row_lock --repeat 3")


def test_an_unknown_name_is_answered_with_the_known_ones(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["flash_sail"]) == 2
    assert "choose among flash_sale" in capsys.readouterr().out


def test_whoever_stops_it_stops_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []

    def writer(name: str, status: int) -> Callable[[Path], int]:
        def write(_: Path) -> int:
            written.append(name)
            return status

        return write

    first, second, third, *_ = PAGES
    told = {first: 1, second: STOPPED, third: 0}
    monkeypatch.setattr(
        published, "PAGES", {name: writer(name, status) for name, status in told.items()}
    )
    assert main([first, second, third]) == STOPPED
    assert written == [first, second]


def test_the_pool_page_compares_each_at_its_best_pool() -> None:
    rows = [
        PoolSize("conditional_update", 4, 1_000.0, 1_200.0, 300.0, False, "holds"),
        PoolSize("conditional_update", 8, 1_500.0, 1_800.0, None, False, "holds"),
        PoolSize("merged_update", 8, 15_000.0, 18_000.0, 20.0, True, "holds"),
        PoolSize("merged_update", 32, 99_000.0, 118_800.0, 20.0, True, "void"),
    ]
    page = page_of(rows, 400.0, 90_000.0)
    assert "**10.0 times**" in page
    assert "15,000 (pool 8) against 1,500 (pool 8)" in " ".join(page.split())
    assert "| merged_update | 32 | 99,000 | 118,800 | 20.0 | void | bound |" in page


def test_the_page_of_backends_shows_every_cell_and_every_reason() -> None:
    whole = {"goodput_per_s": 1_234.5, "accepted_latency_ms_p99": 7.25, "verdict": "holds"}
    cells = [
        CellOfTable("row_lock", "mariadb", "MariaDB 10", "flush at commit 1", **whole),
        CellOfTable("row_lock", "redis", why_not=why_not("row_lock", "redis")),
        CellOfTable("redis_script", "mariadb", why_not=why_not("redis_script", "mariadb")),
        CellOfTable("redis_script", "redis", "redis 7", "no aof", 9.0, verdict="void"),
    ]
    page = page_of_backends(load_scenario(SCENARIO), cells)
    assert "| row_lock | 1,234, 7.2 ms ✓ | – |" in page
    assert "| redis_script | – | 9 ✗ |" in page
    assert "| redis | redis 7 | no aof |" in page
    assert "- row_lock: it needs sql, and the stack redis offers kv and kv_session" in page


def test_who_needs_less_is_measured_on_the_smaller_backend() -> None:
    assert "measured there" in why_not("row_lock", "postgresql+redis")
    assert "postgresql" in why_not("row_lock", "postgresql+redis")
    assert why_not("redis_with_task", "postgresql+redis") == ""
    for name in STRATEGIES:
        assert any(not why_not(name, stack) for stack in BACKENDS), name
