"""The socket that API processes share. Imports nothing heavy: it is bound before all else."""

from __future__ import annotations

import socket

from inventory_core.problems import Problem

BACKLOG = 2_048


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens there; a `Problem` if somebody else does."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named, because asyncio leaves Nagle's algorithm on where it is not: 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise Problem(
            f"cannot listen at {host}:{port} ({error.strerror or error}): choose another --port, "
            "or end what listens there"
        ) from None
    except OverflowError:
        listener.close()
        raise Problem(f"there is no port {port}: choose one from 0 to 65535") from None
    return listener


def url_of(listener: socket.socket) -> str:
    """Where a client finds it."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
