"""A private Valkey 9 with the append-only file of production, by loopback port and Unix socket."""

import os
import secrets
import signal
import socket
import time
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from urllib.parse import quote

from inventory_core.problems import Problem
from inventory_core.stores.embedded.binaries import readable_valkey
from inventory_core.stores.embedded.private_server import PrivateServer

HOST = "127.0.0.1"
# Below the ports that Linux and macOS hand out by themselves, so that neither an outgoing
# connection nor a "give me any port" can take ours while the server is down between two starts.
FIRST_PORT, LAST_PORT = 20_000, 32_767
PORTS_TRIED = 20
PORT_TAKEN = "Address already in use"
ANSWER_WITHIN_S = 1.0


class AppendFsync(StrEnum):
    """When Valkey waits for the disk: at every command, once a second, or never."""

    ALWAYS = "always"
    EVERYSEC = "everysec"
    NO = "no"


FLUSHED_EVERY_S = {AppendFsync.ALWAYS: 0.0, AppendFsync.EVERYSEC: 1.0, AppendFsync.NO: 30.0}
"""How long what was acknowledged waits for the disk at most: on Linux, `no` is half a minute."""


class EmbeddedValkey(PrivateServer):
    """A private Valkey without password. As root it runs as another user, as PostgreSQL does."""

    server_name = "Valkey"
    folder = "valkey"
    stop_signal = signal.SIGTERM  # writes the rest of the append-only file
    discard_signal = signal.SIGKILL

    def __init__(
        self,
        directory: Path | str | None = None,
        *,
        append_fsync: AppendFsync | str = AppendFsync.EVERYSEC,
        settings: Mapping[str, str] | None = None,
        ready_within_s: float = 30.0,
    ) -> None:
        super().__init__(directory, settings=settings, ready_within_s=ready_within_s)
        self._append_fsync = AppendFsync(append_fsync)
        self._port = 0

    @property
    def url(self) -> str:
        """For redis-py; on loopback TCP, as clients of a real server would come."""
        return f"redis://{HOST}:{self.port}/0"

    @property
    def socket_url(self) -> str:
        """For redis-py, over the Unix socket."""
        return f"unix://{quote(str(self.socket_path))}?db=0"

    @property
    def socket_path(self) -> Path:
        """The Unix socket."""
        return self._where.sockets / "valkey.sock"

    @property
    def port(self) -> int:
        """The loopback port; a restart keeps it."""
        assert self._port, "the private Valkey is not started"
        return self._port

    def lose_power(self, share: float) -> None:
        """Kill it, and cut its log back to where it was `share` of a flush interval before.

        After a mere kill nothing is missing: what Valkey wrote lies in the system's page cache,
        flushed or not. It starts on a log that ends in the middle of a command.
        """
        assert 0 <= share <= 1, share
        log, flushed = self._log_and_size()
        time.sleep(share * FLUSHED_EVERY_S[self._append_fsync])
        self.kill()
        if self._log_and_size()[0] == log and share * FLUSHED_EVERY_S[self._append_fsync]:
            os.truncate(log, flushed)  # else it was rewritten meanwhile, and that flushes

    def _log_and_size(self) -> tuple[Path, int]:
        """The file that commands are appended to, and how long it is."""
        logs = (self._where.data / "appendonlydir").glob("*.incr.aof")
        log = max(logs, key=lambda path: path.stat().st_mtime_ns)
        return log, log.stat().st_size

    def _prepare(self) -> None:
        self._program = readable_valkey(self._account, self._where.install)
        self._port = 0

    def _launch(self) -> None:
        """Try ports until Valkey gets one: only its own bind can tell, so there is no race."""
        keep = self._port
        for _ in range(PORTS_TRIED):
            self._port = keep or FIRST_PORT + secrets.randbelow(LAST_PORT - FIRST_PORT + 1)
            self._configure()
            try:
                super()._launch()
                return
            except Problem:
                if PORT_TAKEN not in self._said() or keep:
                    raise
        raise self._cannot(f"{PORTS_TRIED} ports tried on {HOST} were all taken")

    def _configure(self) -> None:
        where = self._where
        lines = {
            "port": str(self._port),
            "bind": HOST,
            "protected-mode": "yes",
            "unixsocket": quoted(str(where.sockets / "valkey.sock")),
            "unixsocketperm": "700",
            "dir": quoted(str(where.data)),
            "appendonly": "yes",
            "appendfsync": self._append_fsync.value,
            "save": '""',
            "daemonize": "no",
            "set-proc-title": "no",  # a sweep knows the server by its arguments
            **self._settings,
        }
        text = "".join(f"{name} {value}\n" for name, value in lines.items())
        self._configuration.write_text(text)
        self._configuration.chmod(0o644)

    @property
    def _configuration(self) -> Path:
        return self._where.private / "valkey.conf"

    def _command(self) -> list[str]:
        return [str(self._program), str(self._configuration)]

    def _is_ready(self) -> bool:
        """PING answers PONG; while Valkey reads its file back it answers -LOADING."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(ANSWER_WITHIN_S)
                connection.connect(str(self.socket_path))
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False


def quoted(value: str) -> str:
    """A value as Valkey's configuration file wants it."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
