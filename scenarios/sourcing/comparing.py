"""The same baskets through every way of sourcing: parcels, cost, days, refusals.

    table = compare(orders=2_000, seed=1)

Each way starts with the same stock and meets the same baskets in the same order; what it chooses is
promised, so the next basket finds less. A basket that cannot be covered whole is refused.
Everything but the milliseconds follows from the seed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from inventory_core.problems import Problem
from inventory_core.records import WarehouseStock
from inventory_core.sourcing import Need, Option, Piece, Question, Sourcing, find_sourcing
from inventory_core.sourcing.options import options_for
from inventory_core.sourcing.registry import sourcings
from scenarios.real_baskets import baskets_file
from scenarios.sourcing.geography import (
    LABEL,
    RESTRICTIONS,
    SERVICES,
    WAREHOUSES,
    Geography,
    invent,
)

START_MS = 1_767_571_200_000
"""Monday 5 January 2026, 00:00 UTC: the moment of the data set's first basket here."""

DAY_MS = 86_400_000
Said = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Basket:
    """What somebody bought, and when: (article, quantity) a line."""

    at_ms: int
    lines: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """What a way of sourcing did with all baskets. Means are over the orders that it served."""

    sourcing: str
    orders: int
    refused: int
    lines: int
    split_lines: int
    parcels_per_order: float
    cost_cents_per_order: float
    days_mean: float
    days_p95: float
    decision_ms_mean: float
    decision_ms_p95: float


def compare(
    orders: int = 2_000, seed: int = 1, names: Sequence[str] = (), say: Said = str
) -> dict[str, Any]:
    """The table, ready for JSON. `say` is told the name of each way before it begins."""
    baskets = read_baskets(orders, seed)
    asked: dict[str, int] = {}
    for basket in baskets:
        for sku, quantity in basket.lines:
            asked[sku] = asked.get(sku, 0) + quantity
    geography = invent(asked, orders, seed)
    rows = []
    for name in names or tuple(sourcings()):
        say(name)
        rows.append(asdict(carry(name, find_sourcing(name), baskets, geography)))
    about = {"scenario": "many_warehouses", "label": LABEL, "seed": seed, "orders": orders}
    return {**about, "articles": len(asked), "warehouses": len(WAREHOUSES), "rows": rows}


def read_baskets(count: int, seed: int) -> tuple[Basket, ...]:
    """So many baskets in a row, from a place in the year that the seed chooses."""
    path = baskets_file()
    have = int(pq.read_metadata(path).metadata[b"baskets"])
    if not 1 <= count <= have:
        raise Problem(f"there are {have:,} baskets and {count:,} are asked for; say --orders")
    first = int(np.random.default_rng([seed, 0, 4]).integers(0, have - count + 1))
    chosen = [("basket", ">=", first), ("basket", "<", first + count)]
    lines: dict[int, list[tuple[str, int]]] = {}
    at_s: dict[int, int] = {}
    for row in pq.read_table(path, filters=chosen).to_pylist():
        lines.setdefault(row["basket"], []).append((str(row["article"]), row["quantity"]))
        at_s.setdefault(row["basket"], row["second"])
    return tuple(Basket(START_MS + at_s[at] * 1_000, tuple(lines[at])) for at in sorted(lines))


def carry(
    name: str, sourcing: Sourcing, baskets: Sequence[Basket], geography: Geography
) -> Figures:
    """All baskets through one way of sourcing."""
    free = {sku: dict(places) for sku, places in geography.stock.items()}
    sourcing.choose(
        _question(baskets[0], geography.addresses[0], free)
    )  # what it imports when first asked is not a decision
    took_ms, served = [], []
    for basket, address in zip(baskets, geography.addresses, strict=True):
        question = _question(basket, address, free)
        began = perf_counter()
        pieces = sourcing.choose(question)
        took_ms.append((perf_counter() - began) * 1_000)
        if pieces is not None:
            for piece in pieces:
                free[piece.sku][piece.warehouse] -= piece.quantity
            served.append(_served(basket, pieces, question.options))
    lines = sum(len(basket.lines) for basket in baskets)
    return _figures(name, len(baskets), lines, served, took_ms)


def _question(basket: Basket, address: str, free: dict[str, dict[str, int]]) -> Question:
    skus = tuple(sku for sku, _ in basket.lines)
    stocks = [
        WarehouseStock(sku, warehouse, units)
        for sku in skus
        for warehouse, units in free[sku].items()
    ]
    options = options_for(basket.at_ms, address, WAREHOUSES, SERVICES, RESTRICTIONS, stocks, skus)
    needs = tuple(Need(n, sku, quantity) for n, (sku, quantity) in enumerate(basket.lines, 1))
    return Question(needs, options)


def _served(
    basket: Basket, pieces: Sequence[Piece], options: Sequence[Option]
) -> tuple[int, int, float, int]:
    """Parcels, cents, days until everything is there, lines that were split."""
    known = {option.warehouse: option for option in options}
    used = {piece.warehouse for piece in pieces}
    last_ms = max(known[piece.warehouse].promised_ms[piece.sku] for piece in pieces)
    cents = sum(known[warehouse].parcel_cost_cents for warehouse in used)
    shipped = {piece.line: 0 for piece in pieces}
    for piece in pieces:
        shipped[piece.line] += 1
    split = sum(1 for parts in shipped.values() if parts > 1)
    return len(used), cents, (last_ms - basket.at_ms) / DAY_MS, split


def _figures(
    name: str,
    orders: int,
    lines: int,
    served: Sequence[tuple[int, int, float, int]],
    took_ms: Sequence[float],
) -> Figures:
    table = np.array(served, dtype=np.float64).reshape(-1, 4)
    parcels, cents, days = (_mean(table[:, column]) for column in range(3))
    p95 = float(np.percentile(table[:, 2], 95)) if len(table) else 0.0
    return Figures(
        sourcing=name,
        orders=orders,
        refused=orders - len(served),
        lines=lines,
        split_lines=int(table[:, 3].sum()),
        parcels_per_order=round(parcels, 3),
        cost_cents_per_order=round(cents, 1),
        days_mean=round(days, 3),
        days_p95=round(p95, 3),
        decision_ms_mean=round(float(np.mean(took_ms)), 3),
        decision_ms_p95=round(float(np.percentile(took_ms, 95)), 3),
    )


def _mean(column: Any) -> float:
    return float(column.mean()) if len(column) else 0.0
