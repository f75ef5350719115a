"""A private NATS with JetStream from the program that the machine has, on a loopback port.

There is no wheel of it: Debian's package `nats-server` brings the program. What it confirms
survives kill -9; its flushes are two minutes apart, which servers before 2.10 cannot be told.
"""

import secrets
import shutil
import signal
import socket

from inventory_core.problems import Problem
from inventory_core.stores.embedded.mariadb import BESIDE_PATH
from inventory_core.stores.embedded.private_server import PrivateServer
from inventory_core.stores.embedded.valkey import FIRST_PORT, HOST, LAST_PORT, quoted

ANSWER_WITHIN_S = 1.0


class EmbeddedNats(PrivateServer):
    """A private NATS without password."""

    server_name = "NATS"
    folder = "nats"
    stop_signal = signal.SIGTERM
    discard_signal = signal.SIGKILL

    @property
    def url(self) -> str:
        """For nats-py."""
        return f"nats://{HOST}:{self._port}"

    def _prepare(self) -> None:
        found = shutil.which("nats-server") or shutil.which("nats-server", path=BESIDE_PATH)
        if found is None:
            raise Problem(
                "There is no nats-server on this machine for a private NATS: install the package"
                " nats-server, or name a server of your own by its URL."
            )
        self._program = found
        self._port = FIRST_PORT + secrets.randbelow(LAST_PORT - FIRST_PORT)
        self._configuration = self._where.private / "nats.conf"
        store = f"store_dir: {quoted(str(self._where.data))}"
        listen = f"listen: {quoted(f'{HOST}:{self._port}')}"
        self._configuration.write_text(f"{listen}\njetstream {{ {store} }}\n")
        self._configuration.chmod(0o644)

    def _command(self) -> list[str]:
        return [self._program, "--config", str(self._configuration)]

    def _is_ready(self) -> bool:
        """It greets who comes."""
        try:
            with socket.create_connection((HOST, self._port), ANSWER_WITHIN_S) as connection:
                return connection.recv(4) == b"INFO"
        except OSError:
            return False
