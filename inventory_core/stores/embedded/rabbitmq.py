"""A private RabbitMQ from the programs that the machine has, on a loopback port; user `guest`.

There is no wheel of it: Debian's package `rabbitmq-server` brings the programs. It takes seconds to
start, so nothing starts one by default.
"""

import secrets
import shutil
import signal
import socket
from pathlib import Path

from inventory_core.problems import Problem
from inventory_core.stores.embedded.private_server import PrivateServer
from inventory_core.stores.embedded.valkey import FIRST_PORT, HOST, LAST_PORT

ANSWER_WITHIN_S = 2.0
PROGRAMS = "/usr/lib/rabbitmq/bin"
GREETING = b"AMQP\x00\x00\x09\x01"
START_FRAME = b"\x01\x00\x00"
"""A method frame on channel 0: the server answers the greeting with the first of the connection."""


class EmbeddedRabbitmq(PrivateServer):
    """A private RabbitMQ."""

    server_name = "RabbitMQ"
    folder = "rabbitmq"
    stop_signal = signal.SIGTERM
    discard_signal = signal.SIGKILL

    @property
    def url(self) -> str:
        """For pika."""
        return f"amqp://guest:guest@{HOST}:{self._port}/%2F"

    def _prepare(self) -> None:
        found = shutil.which("rabbitmq-server", path=PROGRAMS)
        if found is None:
            raise Problem(
                "There is no rabbitmq-server on this machine for a private RabbitMQ: install the"
                " package rabbitmq-server, or name a server of your own by its URL."
            )
        self._program = Path(found)
        self._port = FIRST_PORT + secrets.randbelow(LAST_PORT - FIRST_PORT)
        self._node = f"stockproof-{secrets.token_hex(4)}@localhost"

    def _command(self) -> list[str]:
        data = self._where.data
        said = {
            "HOME": data,  # the cookie lies there
            "RABBITMQ_NODENAME": self._node,
            "RABBITMQ_NODE_IP_ADDRESS": HOST,
            "RABBITMQ_NODE_PORT": self._port,
            "RABBITMQ_DIST_PORT": self._port + 1,
            "RABBITMQ_MNESIA_BASE": data,
            "RABBITMQ_LOG_BASE": data,
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_ENABLED_PLUGINS_FILE": data / "plugins",
            "RABBITMQ_CONFIG_FILE": data / "rabbitmq",
            **self._settings,
        }
        return ["/usr/bin/env", *(f"{n}={v}" for n, v in said.items()), str(self._program)]

    def _is_ready(self) -> bool:
        """It answers the protocol's greeting."""
        try:
            with socket.create_connection((HOST, self._port), ANSWER_WITHIN_S) as connection:
                connection.sendall(GREETING)
                return connection.recv(16).startswith(START_FRAME)
        except OSError:
            return False
