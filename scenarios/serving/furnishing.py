"""The shop before the first buyer: one channel, warehouses that serve everywhere, full shelves."""

from __future__ import annotations

from collections.abc import Mapping

from inventory_core.domain import Cell, Opening
from inventory_core.records import (
    Activity,
    ActivityQuota,
    Channel,
    DeductAt,
    Kind,
    OpenedCell,
    Service,
    Unassigned,
    Warehouse,
    WarehouseKind,
    WarehouseStock,
)
from inventory_core.services import journal
from inventory_core.steps import rows, sql
from inventory_core.steps.engine import on
from inventory_core.strategy import Strategy
from scenarios.scenario import Shop
from scenarios.serving.buyers import ACTIVITY, CHANNEL, Buyers

REGION = "east"


async def furnish(buyers: Buyers, engine: str, strategy: Strategy) -> None:
    """Shelves with what is for sale and what is spare; all that is for sale in the channel."""
    quantity, hold_s = buyers.scenario.stock.quantity, int(buyers.scenario.demand.hold_s)
    channel = Channel(CHANNEL, "Web", engine, _rule(buyers), hold_s)
    await open_channel(channel, strategy, dict.fromkeys(buyers.skus, quantity), buyers.shop)


async def open_channel(
    channel: Channel, strategy: Strategy, for_sale: Mapping[str, int], shop: Shop
) -> None:
    """A channel, the warehouses behind it, and so many units of each article for sale in it."""
    engine, place = channel.engine, f"channel:{channel.code}"
    async with sql.transaction():
        await rows.Insert(channel)
        for number in range(shop.warehouses):
            code = f"warehouse-{number + 1}"
            await rows.Insert(Warehouse(code, code, WarehouseKind.OWN, REGION))
            await rows.Insert(Service(code, REGION, number + 1, number + 1))
        for sku, quantity in for_sale.items():
            await _fill(sku, quantity, shop.spare, shop.warehouses)
            await rows.Insert(OpenedCell(engine, sku, place))
    openings = [Opening(Cell(sku, place), quantity) for sku, quantity in for_sale.items()]
    await on(engine, strategy.load(openings))


async def announce(buyers: Buyers, engine: str, in_ms: int) -> tuple[int, int]:
    """The activity, planned from the start of the run (`in_ms` from now); its window in store time.

    Its units still lie in the channel: whoever opens it moves them.
    """
    shop = buyers.shop
    starts_ms = await rows.StoreClock() + in_ms
    opens_ms, closes_ms = (starts_ms + second * 1000 for second in shop.window_s)
    activity = Activity(
        ACTIVITY,
        "Drop",
        CHANNEL,
        engine,
        opens_ms,
        closes_ms,
        shop.limit_per_buyer,
        _rule(buyers),
        int(buyers.scenario.demand.hold_s),
    )
    async with sql.transaction():
        await rows.Insert(activity)
        for sku in buyers.skus:
            await rows.Insert(ActivityQuota(ACTIVITY, sku, shop.quota))
    return opens_ms, closes_ms


def _rule(buyers: Buyers) -> DeductAt:
    return DeductAt(buyers.shop.deduct_at[0])


async def _fill(sku: str, for_sale: int, spare: int, warehouses: int) -> None:
    """The units of an article, spread over the warehouses."""
    for number in range(warehouses):
        code = f"warehouse-{number + 1}"
        units = _portion(for_sale + spare, number, warehouses)
        await rows.Insert(WarehouseStock(sku, code, units))
        await journal.post("opening", sku, Kind.PHYSICAL, code, units, "opening", 0)
    await rows.Insert(Unassigned(sku, spare))
    await journal.post("opening", sku, Kind.UNASSIGNED, "", spare, "opening", 0)


def _portion(units: int, number: int, warehouses: int) -> int:
    return units // warehouses + (number < units % warehouses)
