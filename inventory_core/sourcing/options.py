"""From records to a question: which warehouses serve an address, with what, and by when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from inventory_core.domain.delivery import promised_ms
from inventory_core.domain.regions import covers, depth
from inventory_core.records import (
    Restriction,
    Service,
    Warehouse,
    WarehouseStatus,
    WarehouseStock,
)
from inventory_core.sourcing.contract import Option


def options_for(
    now_ms: int,
    address: str,
    warehouses: Iterable[Warehouse],
    services: Iterable[Service],
    restrictions: Sequence[Restriction],
    stocks: Iterable[WarehouseStock],
    skus: Sequence[str],
) -> tuple[Option, ...]:
    """The active warehouses that serve an address, and what each could ship there.

    The most exact region of a warehouse that covers the address counts. `promised_ms` has every
    article that may be shipped there at some time, whether the warehouse has it or not.
    """
    free: dict[str, dict[str, int]] = {}
    for stock in stocks:
        units = max(0, stock.physical - stock.pre_occupied)
        free.setdefault(stock.warehouse, {})[stock.sku] = units
    serving = _serving(address, services)
    options = []
    for warehouse in warehouses:
        service = serving.get(warehouse.code)
        if service is None or warehouse.status is not WarehouseStatus.ACTIVE:
            continue
        promised = {
            sku: at_ms
            for sku in skus
            if (
                at_ms := promised_ms(
                    warehouse, service.transit_days, sku, address, now_ms, restrictions
                )
            )
            is not None
        }
        here = {sku: n for sku, n in free.get(warehouse.code, {}).items() if sku in promised}
        cost = service.parcel_cost_cents + warehouse.handling_cost_cents
        options.append(Option(warehouse.code, service.rank, warehouse.backup, cost, here, promised))
    return tuple(sorted(options, key=lambda one: (one.backup, one.rank, one.warehouse)))


def _serving(address: str, services: Iterable[Service]) -> dict[str, Service]:
    """Each warehouse's most exact service that covers the address."""
    best: dict[str, Service] = {}
    for service in services:
        if not covers(service.region, address):
            continue
        known = best.get(service.warehouse)
        if known is None or depth(service.region) > depth(known.region):
            best[service.warehouse] = service
    return best
