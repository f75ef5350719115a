"""A private MariaDB from the programs that the machine has, reachable by Unix socket only.

There is no wheel of it: Debian's package `mariadb-server` brings the programs.
"""

import shutil
import signal
import socket
from pathlib import Path
from urllib.parse import quote

from inventory_core.problems import Problem
from inventory_core.stores.embedded.private_server import PrivateServer

INSTALL_WITHIN_S = 60.0
ANSWER_WITHIN_S = 1.0
BESIDE_PATH = "/usr/sbin:/usr/local/sbin"
SETTINGS = {
    # Small and quiet; nothing here changes what a COMMIT promises.
    "innodb-buffer-pool-size": "128M",
    "innodb-log-file-size": "96M",
    "max-connections": "320",
    "performance-schema": "OFF",
    "skip-networking": "1",
    # What a COMMIT promises: MariaDB's own defaults, written out because results rest on them.
    "innodb-flush-log-at-trx-commit": "1",
    "innodb-doublewrite": "1",
}


class EmbeddedMariadb(PrivateServer):
    """A private MariaDB; user `root`, no password. The socket's directory is its owner's alone."""

    server_name = "MariaDB"
    folder = "mariadb"
    stop_signal = signal.SIGTERM
    discard_signal = signal.SIGKILL

    @property
    def url(self) -> str:
        """For our store, by Unix socket."""
        return f"mariadb://root@localhost/?unix_socket={quote(str(self.socket_path))}"

    @property
    def socket_path(self) -> Path:
        """The Unix socket itself."""
        return self._where.sockets / "mariadb.sock"

    def _prepare(self) -> None:
        self._program = program("mariadbd")
        lines = [f"{name}={value}\n" for name, value in {**SETTINGS, **self._settings}.items()]
        self._configuration.write_text("[mariadbd]\n" + "".join(lines))
        self._configuration.chmod(0o644)
        if not (self._where.data / "mysql").exists():
            self._install()

    @property
    def _configuration(self) -> Path:
        return self._where.private / "mariadb.cnf"

    def _install(self) -> None:
        """Make the system tables, with nobody in them but a root without a password."""
        installer = [str(program("mariadb-install-db")), f"--defaults-file={self._configuration}"]
        installer += [f"--datadir={self._where.data}", "--auth-root-authentication-method=normal"]
        self._run([*installer, "--skip-test-db"], signal.SIGKILL)
        process = self._running()
        if not self._wait(lambda: process.returncode() is not None, INSTALL_WITHIN_S):
            raise self._cannot(f"mariadb-install-db took longer than {INSTALL_WITHIN_S:g} seconds")
        if process.returncode() != 0:
            raise self._ended()

    def _command(self) -> list[str]:
        command = [str(self._program), f"--defaults-file={self._configuration}"]
        command += [f"--datadir={self._where.data}", f"--socket={self.socket_path}"]
        return [*command, f"--pid-file={self._where.data / 'mariadbd.pid'}"]

    def _is_ready(self) -> bool:
        """It greets who comes in by the socket."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(ANSWER_WITHIN_S)
                connection.connect(str(self.socket_path))
                return b"MariaDB" in connection.recv(128)
        except OSError:
            return False


def program(name: str) -> Path:
    """A program of MariaDB, on the path or where system programs lie."""
    found = shutil.which(name) or shutil.which(name, path=BESIDE_PATH)
    if found is None:
        raise Problem(
            f"There is no {name} on this machine for a private MariaDB: install the package"
            " mariadb-server, or name a server of your own by its URL."
        )
    return Path(found)
