"""One API process: uvicorn on a socket that is ours, and a stop in good order.

On SIGTERM or SIGINT readiness turns red, and for `drain_s` requests are still answered, so that a
balancer can look away; then the socket closes, what is under way finishes, daemons end their
turns, and the pools hang up.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from inventory_core.api.listening import BACKLOG
from inventory_core.api.settings import ApiSettings

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Server(uvicorn.Server):
    """Serves one application until it is told to stop."""

    def __init__(
        self, app: FastAPI, settings: ApiSettings, ready: Callable[[], None] = lambda: None
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_level="warning",
                access_log=False,
                lifespan="on",
                backlog=BACKLOG,
                server_header=False,
                timeout_graceful_shutdown=int(settings.shutdown_s),
            )
        )
        self._shop = app.state.shop
        self._drain_s = settings.drain_s
        self._ready = ready
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the application, and say so."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        if self.started:
            self._ready()

    def stop(self) -> None:
        """Stop in good order; from any thread, and more than once."""
        if self._loop is None:
            self.should_exit = True
            return
        self._loop.call_soon_threadsafe(self._drain)

    def _drain(self) -> None:
        assert self._loop is not None
        self._shop.draining = True
        self._loop.call_later(self._drain_s, self._leave)

    def _leave(self) -> None:
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """The first signal stops in good order, the second at once; what is ignored stays so."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        heard = [each for each in SIGNALS if signal.getsignal(each) is not signal.SIG_IGN]
        before = {number: signal.signal(number, self._heard) for number in heard}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _heard(self, number: int, frame: object) -> None:
        if self._shop.draining:
            self.force_exit = True
        self.stop()


def serve(server: Server, listener: socket.socket) -> None:
    """Serve on a socket until told to stop."""
    asyncio.run(server.serve([listener]))
