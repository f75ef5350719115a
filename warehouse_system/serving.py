"""Running the warehouse system: a socket of its own, one line of JSON when it is ready."""

from __future__ import annotations

import csv
import json
import logging
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from sqlalchemy import Connection
from starlette.types import ASGIApp

from warehouse_system.api import application
from warehouse_system.database import CannotServe, Database
from warehouse_system.faults import Faults, Unreliable
from warehouse_system.problems import WarehouseProblem
from warehouse_system.shelves import Order, carry_out, open_warehouse
from warehouse_system.wire import LINES_MOST, QUANTITY_MOST, Kind

GRACE_S = 10
"""How long requests under way may take after SIGTERM."""
OPENING = "opening stock"


@dataclass(frozen=True)
class Settings:
    """How a warehouse system is run."""

    database: Path
    warehouses: Sequence[str]
    host: str = "127.0.0.1"
    port: int = 0
    token: str = field(default="", repr=False)
    stock: Path | None = None
    faults: Faults = field(default_factory=Faults)


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C. Prints `{"url", "database", "warehouses"}` once ready."""
    opening = _opening(settings.stock) if settings.stock else {}
    database = Database(settings.database)
    try:
        _open(database, settings.warehouses, opening)
        app: ASGIApp = application(database, settings.token)
        if settings.faults.any():
            app = Unreliable(app, settings.faults)
        with _listening(settings.host, settings.port) as listening:
            _run(app, listening, settings)
    finally:
        database.close()


class _Server(uvicorn.Server):
    """Says where it is once it answers."""

    def __init__(self, config: uvicorn.Config, ready: Mapping[str, object]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print(json.dumps(self._ready), flush=True)


def _run(app: ASGIApp, listening: socket.socket, settings: Settings) -> None:
    host, port = listening.getsockname()[:2]
    ready = {
        "url": f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}",
        "database": str(settings.database),
        "warehouses": list(settings.warehouses),
    }
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, timeout_graceful_shutdown=GRACE_S
    )
    if settings.faults.any():  # it would complain of each answer that we cut
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    _Server(config, ready).run([listening])


def _listening(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=_family(host), backlog=1024)
    except (OSError, OverflowError) as error:
        raise CannotServe(f"port {port} of {host} is not to be had ({error})") from error


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _open(
    database: Database, warehouses: Sequence[str], opening: Mapping[str, dict[str, int]]
) -> None:
    """Make the warehouses, and receive their opening stock once.

    In documents of no more lines than others have: the feed never parts one.
    """
    missing = sorted(set(opening) - set(warehouses))
    if missing:
        raise CannotServe(f"the stock names warehouse {missing[0]!r}; add --warehouse {missing[0]}")
    with database.writing() as connection:
        for code in warehouses:
            open_warehouse(connection, code)
            lines = list(opening.get(code, {}).items())
            for first in range(0, len(lines), LINES_MOST):
                some = lines[first : first + LINES_MOST]
                name = f"{OPENING} from {first + 1}" if first else OPENING
                _receive(connection, Order.of(code, Kind.RECEIPT, name, some))


def _receive(connection: Connection, order: Order) -> None:
    try:
        carry_out(connection, order)
    except WarehouseProblem as problem:
        raise CannotServe(
            f"warehouse {order.warehouse} has opened with other stock before; leave --stock out, "
            "or name another --database"
        ) from problem


def _opening(file: Path) -> dict[str, dict[str, int]]:
    """Opening stock by warehouse and article, from a CSV with warehouse, sku, quantity."""
    try:
        with file.open(newline="", encoding="utf-8") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError) as error:
        raise CannotServe(f"{file} cannot be read ({error})") from error
    stock: dict[str, dict[str, int]] = {}
    for number, row in enumerate(rows, 2):
        try:
            code, sku, quantity = row["warehouse"], row["sku"], int(row["quantity"])
        except (KeyError, TypeError, ValueError):
            quantity = -1
        if not 0 <= quantity <= QUANTITY_MOST or not code or not sku:
            raise CannotServe(f"line {number} of {file} needs warehouse, sku and quantity (>= 0)")
        shelf = stock.setdefault(code, {})
        shelf[sku] = shelf.get(sku, 0) + quantity
    return stock
