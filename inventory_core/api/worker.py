"""One of several API processes: it serves a socket that it was given, and ends with its parent.

    python -m inventory_core.api.worker FD    what to serve comes on stdin, as one line of JSON

When stdin closes (the parent has asked, or is gone, however it went) it stops in good order.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
from dataclasses import asdict, replace

from inventory_core.api.application import create_app
from inventory_core.api.server import Server, serve
from inventory_core.api.settings import ApiSettings
from inventory_core.services.contract import ServiceLimits
from inventory_core.stores.service import ServiceAddress

READY = b"ready\n"


def told(address: ServiceAddress, settings: ApiSettings) -> bytes:
    """What a worker is told, as the line that it reads."""
    return json.dumps({"address": asdict(address), "settings": asdict(settings)}).encode() + b"\n"


def heard(line: bytes) -> tuple[ServiceAddress, ApiSettings]:
    """The same, on the other side."""
    said = json.loads(line)
    services = ServiceLimits(**said["settings"].pop("services"))
    engines = tuple(said["address"].pop("engines"))
    return ServiceAddress(**said["address"], engines=engines), replace(
        ApiSettings(**said["settings"]), services=services
    )


def main() -> None:
    """Serve until stdin closes. Ctrl-C in the terminal is for the parent to answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    listener = socket.socket(proto=socket.IPPROTO_TCP, fileno=int(sys.argv[1]))
    address, settings = heard(sys.stdin.buffer.readline())
    server = Server(create_app(address, settings), settings, ready=_say_ready)
    threading.Thread(target=_stop_with_parent, args=(server,), daemon=True).start()
    serve(server, listener)
    os._exit(0)  # the thread waits for the parent, and nothing is left to do


def _say_ready() -> None:
    os.write(1, READY)


def _stop_with_parent(server: Server) -> None:
    sys.stdin.buffer.read()
    server.stop()


if __name__ == "__main__":
    main()
