"""`stockproof warehouse`: run the small warehouse system, the other side of the wire."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from inventory_core.problems import Problem
from warehouse_system.database import CannotServe
from warehouse_system.serving import Settings, serve

TOKEN = "WAREHOUSE_TOKEN"

Database = Annotated[Path, typer.Option("--database", help="Its SQLite file; made if missing.")]
Warehouses = Annotated[
    list[str], typer.Option("--warehouse", help="A warehouse that it runs (repeat for more).")
]
Stock = Annotated[
    Path | None, typer.Option("--stock", help="Opening stock: CSV of warehouse, sku, quantity.")
]
Host = Annotated[str, typer.Option("--host", help="The address to listen at.")]
Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="0: any that is free.")]


def warehouse_command(
    database: Database,
    warehouse: Warehouses,
    stock: Stock = None,
    host: Host = "127.0.0.1",
    port: Port = 0,
) -> None:
    """Run a small warehouse system until Ctrl-C or SIGTERM.

    Prints one line of JSON with its URL when it is ready. WAREHOUSE_TOKEN in the environment: the
    bearer token that it asks for.
    """
    settings = Settings(
        database, warehouse, host=host, port=port, token=os.environ.get(TOKEN, ""), stock=stock
    )
    try:
        serve(settings)
    except CannotServe as problem:
        raise Problem(str(problem)) from None
