"""The routes of the API, one concept a file; each file has a `router`."""

from inventory_core.api.routes import (
    activities,
    acts,
    channels,
    csv_files,
    figures,
    health,
    keys,
    law,
    orders,
    query,
    restrictions,
    stock,
    sync,
    transfers,
    warehouses,
)

ROUTERS = tuple(
    part.router
    for part in (
        orders,
        query,
        stock,
        channels,
        activities,
        warehouses,
        restrictions,
        transfers,
        csv_files,
        sync,
        law,
        acts,
        keys,
        health,
        figures,
    )
)
"""Every router, in the order of the documentation."""
