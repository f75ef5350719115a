"""Demand from a CSV of one's own orders: read strictly, replayed in its order and rhythm."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from inventory_core.domain import Cell, Opening
from inventory_core.problems import Problem
from scenarios.demand import KINDS, Delivery, Demand, make_demand
from scenarios.scenario import Scenario, load_scenario
from workbench.asking import scenario_asked

SALE = """
order,sku,quantity,time,warehouse
b,lamp,1,2026-11-11T00:00:10,x
a,lamp,2,2026-11-11T00:00:00,x
a,cup,1,2026-11-11T00:00:00,x
b,lamp,3,2026-11-11T00:00:10,x
c,cup,5,2026-11-11T00:00:40,x
"""
Told = Callable[..., Scenario]


@pytest.fixture
def told(tmp_path: Path) -> Told:
    """A scenario with these orders, and settings on top."""

    def write(orders: str = SALE, *sets: str, stock: str = "", **more: str) -> Scenario:
        (tmp_path / "orders.csv").write_text(orders.lstrip("\n"), encoding="utf-8")
        if stock:
            (tmp_path / "stock.csv").write_text(stock.lstrip("\n"), encoding="utf-8")
        text = '[demand]\nkind = "csv"\nfile = "orders.csv"\n[stock]\nquantity = 7\n'
        text += 'file = "stock.csv"\n' if stock else ""
        (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
        return scenario_asked(str(tmp_path / "mine.toml"), sets, None, {})

    return write


def orders(demand: Demand) -> list[Delivery]:
    """What is delivered, in its order; of a file so short, all lies in the first block."""
    return [one for one in demand.deliveries(0, 0, 1, 1)[0] if KINDS[one.kind] == "deduct"]


def bodies(demand: Demand) -> list[dict[str, int]]:
    return [{line.cell.sku: line.quantity for line in one.lines} for one in orders(demand)]


def test_orders_come_in_the_order_of_their_times_with_the_lines_of_one_article_added(
    told: Told,
) -> None:
    demand = make_demand(told(), 1, 2.0)
    assert bodies(demand) == [{"lamp": 2, "cup": 1}, {"lamp": 4}, {"cup": 5}]


def test_without_a_pace_they_are_pressed_into_the_seconds_of_the_run(told: Told) -> None:
    times = [one.intended_ns for one in orders(make_demand(told(), 1, 2.0))]
    assert times == [0, 500_000_000, 2_000_000_000]


def test_compressed_they_keep_their_rhythm_whatever_the_seconds(told: Told) -> None:
    times = [one.intended_ns for one in orders(make_demand(told(SALE, "demand.compress=20"), 1, 9))]
    assert times == [0, 500_000_000, 2_000_000_000]


def test_without_times_they_come_in_the_order_of_the_file_at_the_rate(told: Told) -> None:
    text = "sku;quantity;order\nlamp;1;x\ncup;2;y\nlamp;3;x\n"
    demand = make_demand(told(text, "demand.rate_per_s=4"), 1, 2.0)
    assert bodies(demand) == [{"lamp": 4}, {"cup": 2}]
    assert [one.intended_ns for one in orders(demand)] == [0, 250_000_000]


def test_every_article_opens_with_the_quantity_of_the_scenario(told: Told) -> None:
    openings = make_demand(told(), 1, 2.0).openings
    assert openings == (Opening(Cell("lamp"), 7), Opening(Cell("cup"), 7))


def test_a_second_file_says_what_there_is_and_who_is_not_in_it_has_nothing(told: Told) -> None:
    scenario = told(stock="sku,quantity,place\nlamp,3,\npen,9,north\n")
    opened = {one.cell: one.quantity for one in make_demand(scenario, 1, 2.0).openings}
    assert opened == {Cell("lamp"): 3, Cell("cup"): 0, Cell("pen", "north"): 9}


def test_duplicates_and_cancellations_come_on_top(told: Told) -> None:
    rows = "".join(f"{number},lamp,1\n" for number in range(1_000))
    sets = ("demand.duplicates=0.5", "demand.roll_back=0.3", "demand.deliveries=[2]")
    block = make_demand(told("order,sku,quantity\n" + rows, *sets), 1, 2.0).block(0)
    again, back = np.sum(block.delivery == 1), np.sum(block.kind == KINDS.index("roll_back"))
    assert 400 < again < 600
    assert 200 < back < 400


@pytest.mark.parametrize(
    "line, sentence",
    [
        ("d,lamp,many", "orders.csv:3: quantity is 'many'; write a whole number from 1 to"),
        ("d,lamp,0", "orders.csv:3: quantity is '0'"),
        ("d,lamp,²", "orders.csv:3: quantity is '²'"),
        (",lamp,1", "orders.csv:3: order is empty; write one, or remove the line"),
        ("d,,1", "orders.csv:3: sku is empty"),
        ("d,a;b,1", "orders.csv:3: sku is 'a;b'"),
        ("d,lamp", "orders.csv:3: has 2 values, and the header has 3"),
        ('d,"lamp,1', "orders.csv is no CSV"),
    ],
)
def test_a_bad_row_is_refused_with_its_line_and_what_to_do(
    line: str, sentence: str, told: Told
) -> None:
    with pytest.raises(Problem) as problem:
        told(f"order,sku,quantity\nc,cup,1\n{line}\n")
    assert sentence in str(problem.value)


@pytest.mark.parametrize(
    "text, sentence",
    [
        ("order,sku,units\na,b,1\n", "orders.csv:1: has no single column quantity"),
        ("", "header says nothing"),
        ("order,sku,quantity\n", "orders.csv holds no order"),
        ("order,sku,quantity,times\na,b,1,2\n", "has a column times; if time is meant"),
        ("order,sku,quantity,time\na,b,1,noon\n", "orders.csv:2: time is 'noon'; write a time"),
        ("order,sku,quantity,place\na,b,1,x@y\n", "orders.csv:2: place is 'x@y'"),
    ],
)
def test_a_file_that_says_too_little_is_refused(text: str, sentence: str, told: Told) -> None:
    with pytest.raises(Problem) as problem:
        told(text)
    assert sentence in str(problem.value)


def test_an_article_is_in_stock_once(told: Told) -> None:
    scenario = told(stock="sku,quantity\nlamp,3\nlamp,4\n")
    with pytest.raises(Problem, match=r"stock\.csv:3: sku is in line 2 already"):
        make_demand(scenario, 1, 2.0)


def test_a_pace_of_orders_without_times_is_refused(told: Told) -> None:
    with pytest.raises(Problem, match=r"no column time, so demand\.compress says nothing"):
        told("order,sku,quantity\na,b,1\n", "demand.compress=2")


@pytest.mark.parametrize(
    "text, sentence",
    [
        ('[demand]\nkind = "csv"', "demand.file is missing"),
        ('[demand]\nkind = "csv"\nfile = "gone.csv"', "demand.file is 'gone.csv', and there is no"),
        ('[demand]\nfile = "orders.csv"', 'set demand.kind to "csv"'),
        ("[demand]\ncompress = 2", 'set demand.kind to "csv"'),
        ('[stock]\nfile = "stock.csv"', 'set demand.kind to "csv"'),
    ],
)
def test_files_that_nobody_reads_or_that_are_not_there_are_refused(
    text: str, sentence: str, tmp_path: Path
) -> None:
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    with pytest.raises(Problem) as problem:
        load_scenario(str(tmp_path / "mine.toml"))
    assert sentence in str(problem.value)
