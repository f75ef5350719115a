"""`python -m warehouse_system --database FILE --warehouse CODE`: serve until SIGTERM."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from warehouse_system.database import CannotServe
from warehouse_system.faults import Faults
from warehouse_system.serving import Settings, serve

TOKEN = "WAREHOUSE_TOKEN"


def main() -> int:
    """Read the command line and serve; the exit status."""
    try:
        serve(_settings())
    except CannotServe as problem:
        print(f"warehouse_system: {problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def _settings() -> Settings:
    said = _parser().parse_args()
    return Settings(
        database=said.database,
        warehouses=said.warehouse,
        host=said.host,
        port=said.port,
        token=os.environ.get(TOKEN, ""),
        stock=said.stock,
        faults=Faults(said.cut_after_page, said.cuts, said.lose_replies),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "warehouse_system",
        description="A small warehouse system: counts, movements, shipments over HTTP.",
        epilog=f"{TOKEN} in the environment: the bearer token that requests have to bear.",
    )
    add = parser.add_argument
    add("--database", type=Path, required=True, help="its SQLite file; made if it is not there")
    add("--warehouse", action="append", required=True, help="a warehouse that it runs (repeat)")
    add("--host", default="127.0.0.1")
    add("--port", type=int, default=0, help="0: any that is free; the line of JSON says which")
    add("--stock", type=Path, help="opening stock: a CSV with warehouse, sku, quantity")
    faults = parser.add_argument_group("faults, on purpose")
    add = faults.add_argument
    add("--cut-after-page", type=int, metavar="N", help="full counts break off after page N")
    add("--cuts", type=int, default=1_000_000, help="how often they do")
    add("--lose-replies", type=int, default=0, metavar="N", help="replies to shipments that break")
    return parser


if __name__ == "__main__":
    sys.exit(main())
