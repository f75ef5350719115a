"""A server that takes a fixed time for each request, one after the other: a queue with a theory.

It answers every POST as if an order had been placed. With a time of nothing it shows what a driver
can send at most; with a time of its own, what waiting looks like that a closed loop would hide.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from scenarios.lifeline import die_with_parent, started

MODULE = "scenarios.loading.tiny_server"
BODY = b'{"outcome":"placed","order":"any","state":"held"}'
ANSWER = (
    b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
    % (len(BODY), BODY)
)


class _Served(asyncio.Protocol):
    """One connection: whole requests in, answers out in the order of the queue."""

    def __init__(self, queue: asyncio.Queue[asyncio.Transport]) -> None:
        self._queue = queue
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody is there."""
        assert isinstance(transport, asyncio.Transport), transport
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """A piece of a request."""
        self._rest += data
        while (rest := _after_request(self._rest)) is not None:
            self._rest = rest
            self._queue.put_nowait(self._transport)


def _after_request(data: bytes) -> bytes | None:
    """What follows the first whole request; None if there is none yet."""
    head, found, rest = data.partition(b"\r\n\r\n")
    if not found:
        return None
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    return rest[length:] if len(rest) >= length else None


async def _serve(says: int, service_s: float) -> None:
    queue: asyncio.Queue[asyncio.Transport] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Served(queue), "127.0.0.1", 0)
    os.write(says, f"{server.sockets[0].getsockname()[1]}\n".encode())
    while True:  # until the parent is gone
        transport = await queue.get()
        if service_s:
            await asyncio.sleep(service_s)
        transport.write(ANSWER)


def main(says: int, lifeline: int) -> None:
    """Serve until the parent ends."""
    die_with_parent(lifeline)
    asyncio.run(_serve(says, json.load(sys.stdin)))


@contextmanager
def tiny_server(service_s: float = 0.0) -> Iterator[str]:
    """The URL of such a server, in a process of its own, while the block runs."""
    heard, says = os.pipe()
    child = started(MODULE, (says,), (says,), told=json.dumps(service_s).encode())
    os.close(says)
    try:
        with os.fdopen(heard) as lines:
            port = int(lines.readline())
        yield f"http://127.0.0.1:{port}"
    finally:
        child.end()
