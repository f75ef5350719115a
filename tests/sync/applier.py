"""A process that brings a full count in, so that it can be killed: `applier.py ADDRESS RUN`."""

from __future__ import annotations

import json
import sys

from inventory_core.drivers.blocking import carry_out
from inventory_core.services.stock_management import StockManagement
from inventory_core.stores.service import ServiceAddress, connect_service
from inventory_core.sync.alternating import alternate
from inventory_core.sync.limits import SyncLimits
from inventory_core.sync.synchronisation import Synchronisation
from inventory_core.sync.warehouse_client import WarehouseClient
from tests.sync.town import ENGINES

LIMITS = SyncLimits(page=100, batch=5)


def main() -> None:
    """Bring it in, or (without a run's name) finish what others left."""
    url, schema, run = json.loads(sys.argv[1])
    session = connect_service(ServiceAddress(url, schema))
    sync = Synchronisation(StockManagement(ENGINES), LIMITS)
    plan = sync.full("east", run) if run else left(sync)
    print("ready", flush=True)
    alternate(plan, lambda part: carry_out(part, session.perform), WarehouseClient())  # type: ignore[arg-type, var-annotated]


async def left(sync: Synchronisation) -> None:
    """Finish what others left."""
    await sync.resume(await sync.under_way())


if __name__ == "__main__":
    main()
