"""What `/metrics` shows of the stores: gathered for each look, and only so much of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from prometheus_client import CollectorRegistry, Gauge

from inventory_core.api.shop import Shop
from inventory_core.records import (
    Intent,
    MoveState,
    OrderState,
    ShopOrder,
    StockMove,
    Unassigned,
    WarehouseStock,
)
from inventory_core.steps import rows

LOOKED_AT = 1_000
"""Rows that are counted at the most: a figure that stands there means that many, or more."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look at the stores saw."""

    intents_ms: tuple[int, ...]  # since when
    moves_ms: tuple[int, ...]
    overdue_ms: tuple[int, ...]
    unassigned: tuple[Unassigned, ...]
    stock: tuple[WarehouseStock, ...]
    now_ms: int


async def look(articles: int) -> Seen:
    """Look at the stores (a plan)."""
    now_ms = await rows.StoreClock()
    intents = await rows.Select(
        ShopOrder, (("intent", "!=", Intent.NONE),), ("intent_ms",), limit=LOOKED_AT
    )
    under_way = ("state", "in", (MoveState.ASKED, MoveState.TAKEN))
    moves = await rows.Select(StockMove, (under_way,), ("at_ms",), limit=LOOKED_AT)
    due = (("state", "=", OrderState.HELD), ("due_ms", "<", now_ms), ("due_ms", ">", 0))
    overdue = await rows.Select(ShopOrder, due, ("due_ms",), limit=LOOKED_AT)
    unassigned = await rows.Select(Unassigned, limit=articles)
    skus = tuple(row.sku for row in unassigned)
    stock = await rows.Select(WarehouseStock, (("sku", "in", skus),)) if skus else ()
    return Seen(
        tuple(order.intent_ms for order in intents),
        tuple(move.at_ms for move in moves),
        tuple(order.due_ms for order in overdue),
        unassigned,
        stock,
        now_ms,
    )


async def gathered(shop: Shop) -> CollectorRegistry:
    """Gauges of what the stores hold now."""
    seen = await shop.read(look(shop.settings.gauged_articles))
    registry = CollectorRegistry()
    _work(registry, "intents", "Orders that somebody is at.", seen.intents_ms, seen.now_ms)
    _work(registry, "moves", "Moves of stock under way.", seen.moves_ms, seen.now_ms)
    _work(registry, "overdue", "Unpaid holds past their deadline.", seen.overdue_ms, seen.now_ms)
    _stock(registry, seen)
    _sessions(registry, shop)
    return registry


def _work(
    registry: CollectorRegistry, name: str, says: str, since_ms: Sequence[int], now_ms: int
) -> None:
    Gauge(f"stockproof_{name}", says, registry=registry).set(len(since_ms))
    oldest_ms = min(since_ms, default=now_ms)
    lag = Gauge(f"stockproof_{name}_lag_seconds", f"{says} Age of the oldest.", registry=registry)
    lag.set(max(0, now_ms - oldest_ms) / 1_000)


def _stock(registry: CollectorRegistry, seen: Seen) -> None:
    unassigned = Gauge(
        "stockproof_unassigned_units", "Units given to no channel.", ("sku",), registry=registry
    )
    for row in seen.unassigned:
        unassigned.labels(row.sku).set(row.quantity)
    for field in ("physical", "pre_occupied", "shortfall", "over_promised"):
        gauge = Gauge(
            f"stockproof_{field}_units",
            f"Units of an article in a warehouse: {field}.",
            ("sku", "warehouse"),
            registry=registry,
        )
        for stock in seen.stock:
            gauge.labels(stock.sku, stock.warehouse).set(getattr(stock, field))


def _sessions(registry: CollectorRegistry, shop: Shop) -> None:
    gauge = Gauge(
        "stockproof_sessions",
        "Sessions of this process by what they are for, and requests that wait for one.",
        ("pool", "what"),
        registry=registry,
    )
    for name, pool in (("write", shop.writes), ("read", shop.reads)):
        for what, number in asdict(pool.counts()).items():
            gauge.labels(name, what).set(number)
    cache = Gauge(
        "stockproof_query_articles",
        "Articles that this process was asked for, by where the answer came from.",
        ("source",),
        registry=registry,
    )
    cache.labels("memory").set(shop.cache.hits)
    cache.labels("store").set(shop.cache.misses)
