"""Questions to warehouse systems, from an API process."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from inventory_core.api.problems import Refusal
from inventory_core.steps.step import Plan
from inventory_core.sync.alternating import alternate_async
from inventory_core.sync.questions import WarehouseTrouble
from inventory_core.sync.warehouse_client import AsyncWarehouseClient

T = TypeVar("T")


async def asked(plan: Plan[T], run: Callable[[Plan[Any]], Awaitable[Any]]) -> T:
    """Carry out a plan that asks warehouses; no session is held while they think."""
    client = AsyncWarehouseClient()
    try:
        return await alternate_async(plan, run, client)
    except WarehouseTrouble as trouble:
        raise Refusal(409, str(trouble), outcome="refused", reason="no_answer") from None
    finally:
        await client.close()
