"""A connection to MariaDB for a driver that waits for many of them at once.

PyMySQL waits in its socket. Here that socket, instead of waiting, lets whoever asked go on with
somebody else: each step runs on a stack of its own (a greenlet), which is left when the socket has
nothing to say and entered again when it has. So the steps, of several statements many of them, are
said by the very code that blocking connections run, and there is neither a thread to switch to nor
a second speaker of the protocol.
"""

from __future__ import annotations

import select
import socket
import ssl
from collections.abc import Callable
from typing import Any

from greenlet import getcurrent, greenlet

from inventory_core.domain import Limits
from inventory_core.drivers.multiplexed import PENDING
from inventory_core.steps import sql
from inventory_core.steps.step import Step
from inventory_core.stores.mariadb.part import MariadbPart
from inventory_core.stores.sql.connecting import silence_most_s

CHUNK = 65_536
NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Wire:
    """A socket as PyMySQL uses one, with its reader. `wait` is called instead of waiting."""

    def __init__(self, wire: socket.socket, wait: Callable[[bool], None]) -> None:
        wire.setblocking(False)
        self._wire = wire
        self._wait = wait
        self._heard = bytearray()

    def read(self, count: int) -> bytes:
        """So many bytes, fewer only if the server has hung up."""
        heard = self._heard
        while len(heard) < count:
            try:
                more = self._wire.recv(CHUNK)
            except NOT_NOW:
                self._wait(False)
                continue
            if not more:
                break
            heard += more
        found = bytes(heard[:count])
        del heard[:count]
        return found

    def sendall(self, data: bytes) -> None:
        """Send everything."""
        left = memoryview(data)
        while left:
            try:
                left = left[self._wire.send(left) :]
            except NOT_NOW:
                self._wait(True)

    def settimeout(self, _: float | None) -> None:
        """Whoever waits for the socket knows for how long."""

    def fileno(self) -> int:
        """The socket's number, -1 when it is closed."""
        return self._wire.fileno()

    def close(self) -> None:
        """Hang up."""
        self._wire.close()


class MariadbLine(MariadbPart):
    """For one plan at a time."""

    wants_write = False

    def __init__(self, url: str, database: str, limits: Limits) -> None:
        self._silence_s = silence_most_s(limits)
        self._asking: Any = None
        super().__init__(url, database, limits)

    def _connect(self) -> None:
        super()._connect()
        connection = self._connection
        connection._sock = connection._rfile = Wire(connection._sock, self._wait)

    def fileno(self) -> int:
        """The socket; -1 when the connection is closed."""
        wire = self._connection._sock
        return -1 if wire is None else int(wire.fileno())

    def ask(self, step: Step[Any]) -> Any:
        """Send what a step asks: the answer, if it is known at once, or `PENDING`."""
        if type(step) is sql.Begin:
            return self._begin(step)
        self._asking = greenlet(self.handlers[type(step)])
        return self._answer(self._asking.switch(step))

    def hear(self) -> Any:
        """The socket is ready: the answer if it has come, or `PENDING`."""
        return self._answer(self._asking.switch())

    def _answer(self, found: Any) -> Any:
        if found is not PENDING:
            self._asking = None
        return found

    def _wait(self, writing: bool) -> None:
        """Until the socket is ready: others run, if it is a plan that asks."""
        asking = self._asking
        if asking is not None and getcurrent() is asking:
            self.wants_write = writing
            asking.parent.switch(PENDING)
            self.wants_write = False
            return
        wire = [self._connection._sock]
        found = select.select([] if writing else wire, wire if writing else [], [], self._silence_s)
        if not any(found):
            raise TimeoutError(f"no reply within {self._silence_s:g} s")

    def reset(self) -> None:
        """Make it fit for the next plan; a step under way, whose plan has given up, is dropped."""
        if self._asking is not None and not self._asking.dead:
            self._connection._force_close()
        self._asking = None
        super().reset()
