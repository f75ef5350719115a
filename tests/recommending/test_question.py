"""What is asked: read strictly, and put as a scenario that anybody can run."""

from __future__ import annotations

from statistics import fmean
from typing import Any

import pytest

from inventory_core.problems import Problem
from scenarios.reading_toml import Place
from scenarios.recommending.question import (
    BASE,
    Question,
    crowd_of,
    lines_of,
    rate_of,
    read_question,
    settings_of,
    stream_of,
)
from scenarios.recommending.situations import drawn, held_out
from scenarios.scenario import load_scenario

HERE = Place("asked")


@pytest.mark.parametrize(
    "table, complaint",
    [
        ({"articles": 0}, "articles is 0; write a number from 1"),
        ({"heat": 1.5}, "heat is 1.5; write a number from 0 to 1"),
        ({"buyers": "many"}, "buyers is 'many'; write a whole number"),
        ({"byers": 3}, "did you mean buyers"),
        ({"hot": 5}, "hot is 5, and articles is 1"),
        ({"stacks": []}, "allow a database, Redis, or both"),
        ({"stacks": ["mariadb"]}, "no figures of 'mariadb'"),
        ({"rate_per_s": float("nan")}, "rate_per_s is nan"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(table: dict[str, Any], complaint: str) -> None:
    with pytest.raises(Problem, match=complaint):
        read_question(table, HERE)


@pytest.mark.parametrize("mean", [1.0, 1.2, 2.5, 4.0, 199.9])
def test_lines_are_so_many_on_average(mean: float) -> None:
    assert fmean(lines_of(mean)) == pytest.approx(mean)


def test_a_question_is_a_crowd_and_with_a_rate_a_stream() -> None:
    asked = Question(rate_per_s=2_000, peak=3, articles=50, hot=2, heat=0.7, stock=9, buyers=24)
    crowd, stream = crowd_of(asked), stream_of(asked)
    assert (crowd.demand.kind, crowd.demand.clients) == ("closed", 24)
    assert (crowd.stock.cells, crowd.stock.quantity) == (50, 9)
    assert (crowd.demand.hot_cells, crowd.demand.hot_share) == (2, 0.7)
    assert (stream.demand.kind, stream.demand.rate_per_s) == ("open", 6_000)


def test_buyers_who_share_a_pool_are_of_one_process() -> None:
    asked = crowd_of(Question(buyers=64, pool=4)).demand
    assert (asked.processes, asked.connections, asked.pool) == (1, 64, 4)
    assert crowd_of(Question(buyers=7)).demand.clients == 7


def test_the_settings_are_all_that_a_command_needs() -> None:
    asked = Question(rate_per_s=500, lines=1.5, articles=4)
    spoken = load_scenario(BASE, [*settings_of(asked), *rate_of(asked)])
    assert spoken == stream_of(asked)


def test_what_is_held_out_is_apart_from_what_is_drawn_from() -> None:
    ours, theirs = drawn(), held_out()
    assert len(theirs) == 10
    assert len(ours) == 12
    assert not set(ours) & set(theirs)
    assert not {crowd_of(each) for each in ours.values()} & set(map(crowd_of, theirs.values()))
    assert {each.wanted_per_s for each in (*ours.values(), *theirs.values())} == {0}
