"""A small shop to try things in: two channels, three warehouses, a few articles, an activity.

warehouse   kind         serves (rank)                          phone-12  case-12  lamp-3
shenzhen    own          Guangdong (1), Sichuan (2)                   40      500      20
chengdu     third party  Sichuan (1), Guangdong (2)                   20      300       0
nanshan     store        Guangdong/Shenzhen/Nanshan (3), backup        5       50       5
"""

from __future__ import annotations

from collections.abc import Mapping

from inventory_core.records import (
    Activity,
    Channel,
    Service,
    Warehouse,
    WarehouseKind,
)
from inventory_core.services.stock_management import StockManagement
from inventory_core.steps import rows
from inventory_core.strategy import Strategy

DAY_MS = 86_400_000
WAREHOUSES = (
    Warehouse("shenzhen", "Shenzhen", WarehouseKind.OWN, "Guangdong/Shenzhen/Longgang"),
    Warehouse("chengdu", "Chengdu", WarehouseKind.THIRD_PARTY, "Sichuan/Chengdu/Wuhou"),
    Warehouse(
        "nanshan", "Nanshan store", WarehouseKind.STORE, "Guangdong/Shenzhen/Nanshan", backup=True
    ),
)
SERVICES = (
    Service("shenzhen", "Guangdong", 1, 1, 800),
    Service("shenzhen", "Sichuan", 2, 3, 1_400),
    Service("chengdu", "Sichuan", 1, 1, 900),
    Service("chengdu", "Guangdong", 2, 3, 1_500),
    Service("nanshan", "Guangdong/Shenzhen/Nanshan", 3, 0, 600),
)
PHYSICAL = {
    ("phone-12", "shenzhen"): 40,
    ("phone-12", "chengdu"): 20,
    ("phone-12", "nanshan"): 5,
    ("case-12", "shenzhen"): 500,
    ("case-12", "chengdu"): 300,
    ("case-12", "nanshan"): 50,
    ("lamp-3", "shenzhen"): 20,
    ("lamp-3", "nanshan"): 5,
}
SELLABLE = {
    ("phone-12", "mall"): 45,
    ("phone-12", "stores"): 15,
    ("case-12", "mall"): 600,
    ("case-12", "stores"): 200,
    ("lamp-3", "mall"): 20,
}
QUOTAS = (("phone-12", 10),)
WHO = "sample data"


async def furnish(engines: Mapping[str, Strategy], engine: str) -> bool:
    """Fill an empty service (a plan); False if there is a channel already."""
    if await rows.Select(Channel, limit=1):
        return False
    stock = StockManagement(engines)
    for place in (*WAREHOUSES, *SERVICES):
        await rows.Insert(place)
    await rows.Insert(Channel("mall", "Official mall", engine))
    await rows.Insert(Channel("stores", "Stores", engine, reclaim=1))
    for (sku, warehouse), quantity in PHYSICAL.items():
        await stock.receive(f"sample:{sku}:{warehouse}", warehouse, sku, quantity, WHO)
    for (sku, channel), quantity in SELLABLE.items():
        target, key = f"channel:{channel}", f"sample:{sku}:{channel}"
        await stock.move(key, sku, "unassigned", target, quantity, WHO)
    now_ms = await rows.StoreClock()
    sale = Activity("launch-sale", "Launch sale", "mall", engine, now_ms, now_ms + 30 * DAY_MS, 2)
    await stock.plan_activity(sale, QUOTAS)
    await stock.open_activity(sale.code)
    return True
