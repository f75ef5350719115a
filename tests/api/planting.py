"""What no request can do: plans that are carried out on the stores, beside the service."""

from __future__ import annotations

from inventory_core.drivers.blocking import carry_out
from inventory_core.steps import Plan
from inventory_core.stores.service import ServiceAddress, open_service


def planted(stores: ServiceAddress, plan: Plan[None]) -> None:
    """Carry out a plan on the stores of a service."""
    with open_service(stores) as service:
        session = service.connect()
        carry_out(plan, session.perform)
        session.close()
