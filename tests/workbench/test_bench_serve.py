"""The table of starts of `stockproof serve`: its parts, and one start for real."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from inventory_core.problems import Problem
from workbench.bench import BENCHES
from workbench.bench_serve import GOAL_S, Start, said_on, serve, started, table_of

QUICK, LATE = Start(2.0, 1.2, 2.1, 2.2), Start(GOAL_S + 1, 2.5, 4.1, 4.5)


def shown(*found: Start) -> str:
    """The table, as it is printed."""
    paper = io.StringIO()
    Console(file=paper, width=100).print(table_of(found, 0.25, 2))
    return paper.getvalue()


def test_the_table_has_the_median_and_the_worst_of_every_stretch() -> None:
    rows = {line[:35].strip(): line[35:].split() for line in shown(QUICK, QUICK, LATE).splitlines()}
    assert rows["until it says that it is ready"] == ["2.00", "4.00", "3"]
    assert rows["as it counts itself (ready_ms)"] == ["1.20", "2.50"]
    assert rows["until /health/ready answers 200"] == ["2.10", "4.10"]
    assert rows["until an order is placed"] == ["2.20", "4.50"]


def test_starts_that_miss_the_goal_are_counted_and_the_machine_is_named() -> None:
    assert "2 of 3 starts within the goal; 2 cores, load 0.25" in shown(QUICK, QUICK, LATE)
    assert "1 of 1 starts within the goal" in shown(QUICK)


def test_what_a_service_says_is_read_to_its_end_and_no_further() -> None:
    lines = io.StringIO('{\n  "url": "http://x",\n  "ready_ms": 7\n}\nmore\n')
    assert said_on(lines) == {"url": "http://x", "ready_ms": 7}
    assert lines.read() == "more\n"


def test_a_service_that_never_was_ready_is_told() -> None:
    with pytest.raises(Problem, match="ended before it was ready, and said 'no port"):
        said_on(io.StringIO("no port\n"))


def test_it_is_one_of_the_tables_of_make_bench() -> None:
    assert BENCHES["serve"] is serve


@pytest.mark.live
@pytest.mark.slow
def test_one_start_comes_to_its_first_order() -> None:
    found = started()
    assert 0 < found.ready_s < found.said_s < found.healthy_s < found.ordered_s
