"""Stands in for stock management until it is there."""

from inventory_core.records import Movement
from inventory_core.services import counting, reclaiming
from inventory_core.services.parts import Engines


class StockManagement:
    def __init__(self, engines):
        self.engines = engines

    async def apply_count(self, cause, warehouse, sku, quantity, through):
        answer = await counting.apply_count(
            cause, counting.Count(warehouse, sku, quantity, through)
        )
        await reclaiming.reclaim(Engines(self.engines), sku, warehouse)
        return answer

    async def record_movement(self, warehouse, sequence, sku, kind, delta, reference):
        answer = await counting.record_movement(
            Movement(warehouse, sequence, sku, kind, delta, reference, 0)
        )
        await reclaiming.reclaim(Engines(self.engines), sku, warehouse)
        return answer
