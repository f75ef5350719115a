"""`python -m product_system --database FILE`: answer what there is, until SIGTERM."""

from __future__ import annotations

import argparse
import json
import logging
import socket
import sys
from pathlib import Path

import uvicorn

from product_system.api import application
from product_system.shelf import CannotOpen, Shelf


def main() -> int:
    """Read the command line and serve; the exit status."""
    parser = argparse.ArgumentParser("product_system", description=__doc__)
    parser.add_argument("--database", type=Path, required=True, help="made if it is not there")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: any; the line of JSON says which")
    said = parser.parse_args()
    try:
        serve(said.database, said.host, said.port)
    except CannotOpen as problem:
        print(f"product_system: {problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def serve(database: Path, host: str, port: int) -> None:
    """Serve; the line of JSON comes when connections are taken."""
    shelf = Shelf(database)
    try:
        listening = socket.create_server((host, port), backlog=1024)
    except (OSError, OverflowError) as error:
        raise CannotOpen(f"port {port} of {host} is not to be had ({error})") from error
    with listening:
        at = listening.getsockname()
        print(json.dumps({"url": f"http://{at[0]}:{at[1]}", "database": str(database)}), flush=True)
        logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
        config = uvicorn.Config(application(shelf), log_config=None, access_log=False)
        uvicorn.Server(config).run([listening])
    shelf.close()


if __name__ == "__main__":
    sys.exit(main())
