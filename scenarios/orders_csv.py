"""Demand from a CSV of your own orders, replayed.

    order,sku,quantity,time,place
    1001,lamp-3,2,2026-11-11T00:00:00.120,online
    1001,cup-1,1,2026-11-11T00:00:00.120,online
    1002,lamp-3,1,2026-11-11T00:00:00.350,online

One line an article of an order. `time` (ISO 8601, or seconds) and `place` may be left out; other
columns are of no concern. Orders come in the order of their times, else of the file: with times at
`demand.compress` times their pace (0: pressed into the seconds of the run), without at
`demand.rate_per_s`. Every article opens with `stock.quantity` units, or with those that a second
file says (`stock.file`: sku,quantity and place; an article that is not in it has none).

Duplicates, cancellations and the rest of `[demand]` come on top, as with any other demand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from inventory_core.domain import Cell, Opening
from inventory_core.problems import Problem
from scenarios.csv_rows import Row, read_rows
from scenarios.demand import Integers
from scenarios.replayed_demand import Replay, ReplayedDemand, pressed
from scenarios.scenario import Scenario

QUANTITY_MOST = 1_000_000
STOCK_MOST = 1_000_000_000
NO_PLACE = ""


@dataclass(frozen=True, slots=True)
class Orders:
    """The orders of a file, in the order in which they came. `second`: empty without times."""

    start: Integers
    article: Integers  # of each line, its place in `articles`
    quantity: Integers
    second: npt.NDArray[np.float64]
    articles: tuple[tuple[str, str], ...]  # SKU and place (empty: the scenario's)


class CsvDemand(ReplayedDemand):
    """The orders of a file."""

    def __init__(self, scenario: Scenario, seed: int, seconds: float) -> None:
        super().__init__(scenario, seed, seconds)
        orders = orders_of(scenario)
        place = scenario.stock.place
        cells = [Cell(sku, named or place) for sku, named in orders.articles]
        openings = _openings(cells, scenario)
        places = {cell: number for number, cell in enumerate(openings)}
        where = np.asarray([places[cell] for cell in cells], dtype=np.int64)
        self.replay = Replay(
            start=orders.start,
            cell=where[orders.article],
            quantity=orders.quantity,
            at_s=_paced(orders, scenario, seconds),
            cells=tuple(openings),
            openings=tuple(Opening(cell, units) for cell, units in openings.items()),
        )


def orders_of(scenario: Scenario) -> Orders:
    """The orders of a scenario's file, looked through; a `Problem` names the line that is wrong."""
    path = Path(scenario.demand.file)
    orders = _read_orders(path, path.stat().st_mtime_ns)
    if scenario.demand.compress and not orders.second.size:
        raise Problem(
            f"{path.name} has no column time, so demand.compress says nothing:"
            " set demand.rate_per_s instead"
        )
    return orders


def _paced(orders: Orders, scenario: Scenario, seconds: float) -> npt.NDArray[np.float64]:
    if not orders.second.size:
        return np.arange(len(orders.start) - 1) / scenario.demand.rate_per_s
    if scenario.demand.compress:
        return np.asarray((orders.second - orders.second[0]) / scenario.demand.compress)
    return pressed(orders.second, seconds)


def _openings(cells: list[Cell], scenario: Scenario) -> dict[Cell, int]:
    """What every article opens with: those that are asked for first, then the others in stock."""
    if not scenario.stock.file:
        return dict.fromkeys(cells, scenario.stock.quantity)
    path = Path(scenario.stock.file)
    there = _read_stock(path, path.stat().st_mtime_ns)
    named = {
        Cell(sku, place or scenario.stock.place): units for (sku, place), units in there.items()
    }
    return {**dict.fromkeys(cells, 0), **named}


@lru_cache(maxsize=4)
def _read_orders(path: Path, _changed_ns: int) -> Orders:
    """Of a file that has changed, what it says now."""
    numbers: dict[str, int] = {}
    lines: dict[tuple[int, int], int] = {}  # (order, article) -> units
    articles: dict[tuple[str, str], int] = {}
    seconds: list[float] = []
    for row in read_rows(path, ("order", "sku", "quantity"), ("time", "place")):
        order = numbers.setdefault(row.word("order"), len(numbers))
        article = articles.setdefault((row.word("sku"), row.place()), len(articles))
        units = row.number("quantity", 1, QUANTITY_MOST)
        lines[order, article] = lines.get((order, article), 0) + units
        if row.has("time") and order == len(seconds):
            seconds.append(row.second("time"))
    if not lines:
        raise Problem(f"{path.name} holds no order: write one below its header")
    return _in_order(lines, len(numbers), np.asarray(seconds, dtype=np.float64), tuple(articles))


def _in_order(
    lines: Mapping[tuple[int, int], int],
    orders: int,
    second: npt.NDArray[np.float64],
    articles: tuple[tuple[str, str], ...],
) -> Orders:
    """The lines sorted by the time of their orders; those of one order stay together."""
    order, article = np.asarray(list(lines), dtype=np.int64).T
    quantity = np.fromiter(lines.values(), dtype=np.int64)
    rank = np.arange(orders)
    if second.size:
        came = np.argsort(second, kind="stable")
        rank[came] = np.arange(orders)
        second = second[came]
    sequence = np.argsort(rank[order], kind="stable")
    counts = np.bincount(rank[order], minlength=orders)
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Orders(start, article[sequence], quantity[sequence], second, articles)


@lru_cache(maxsize=4)
def _read_stock(path: Path, _changed_ns: int) -> dict[tuple[str, str], int]:
    return dict(_stock_rows(path))


def _stock_rows(path: Path) -> Iterator[tuple[tuple[str, str], int]]:
    seen: dict[tuple[str, str], Row] = {}
    for row in read_rows(path, ("sku", "quantity"), ("place",)):
        article = (row.word("sku"), row.place())
        first = seen.setdefault(article, row)
        if first is not row:
            raise row.problem("sku", f"is in line {first.line} already; keep one of the two")
        yield article, row.number("quantity", 0, STOCK_MOST)
