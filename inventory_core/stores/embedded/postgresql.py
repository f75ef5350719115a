"""A private PostgreSQL 18 with the durability of production, reachable by Unix socket only."""

import signal
from pathlib import Path
from urllib.parse import quote

from inventory_core.stores.embedded import cluster_template
from inventory_core.stores.embedded.binaries import readable_postgresql
from inventory_core.stores.embedded.private_server import PrivateServer

PORT = 5432
INITDB_WITHIN_S = 60.0
INITDB_OPTIONS = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C")
DEFAULTS = {
    # Small and quiet; nothing here changes what a COMMIT promises.
    "shared_buffers": "256MB",
    "max_connections": "320",
    "max_wal_size": "1GB",
    "jit": "off",
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "cluster_name": "stockproof",
    # What a COMMIT promises: PostgreSQL's own defaults, written out because results rest on them.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_level": "replica",
}


class EmbeddedPostgresql(PrivateServer):
    """A private PostgreSQL; superuser `postgres`, database `postgres`, no password.

    `settings` go into its configuration (`{"synchronous_commit": "off"}`) over the defaults above.
    """

    server_name = "PostgreSQL"
    folder = "postgresql"
    stop_signal = signal.SIGINT  # fast shutdown: with a checkpoint
    discard_signal = signal.SIGQUIT  # immediate: without one, but shared memory is given back

    @property
    def url(self) -> str:
        """For libpq, psycopg and SQLAlchemy alike."""
        return f"postgresql://postgres@/postgres?host={quote(str(self._where.sockets))}&port={PORT}"

    @property
    def socket_path(self) -> Path:
        """The Unix socket itself."""
        return self._where.sockets / f".s.PGSQL.{PORT}"

    def _prepare(self) -> None:
        self._install = self._programs()
        if not (self._where.data / "PG_VERSION").exists():
            self._make_cluster()
        lines = [f"include {quoted(str(self._where.data / 'postgresql.conf'))}"]
        for name, value in {**DEFAULTS, **self._settings}.items():
            lines.append(f"{name} = {quoted(value)}")
        self._configuration.write_text("\n".join(lines) + "\n")
        self._configuration.chmod(0o644)

    def _programs(self) -> Path:
        """The directory with `bin` of a PostgreSQL that the server's user may run."""
        return readable_postgresql(self._account, self._where.install)

    @property
    def _configuration(self) -> Path:
        return self._where.private / "postgresql.conf"

    def _make_cluster(self) -> None:
        """For data that are kept by `initdb` itself, else as a copy of an earlier one."""
        if self._given is not None:
            self._initdb("--no-instructions")
            return
        template = cluster_template.template_for(self._install, INITDB_OPTIONS)
        if not cluster_template.copied(template, self._where.data, self._account):
            self._initdb("--no-sync", "--no-instructions")
            cluster_template.keep(template, self._where.data)

    def _initdb(self, *options: str) -> None:
        command = [str(self._install / "bin" / "initdb"), "--pgdata", str(self._where.data)]
        self._run([*command, *INITDB_OPTIONS, *options], signal.SIGKILL)
        process = self._running()
        if not self._wait(lambda: process.returncode() is not None, INITDB_WITHIN_S):
            raise self._cannot(f"initdb took longer than {INITDB_WITHIN_S:g} seconds")
        if process.returncode() != 0:
            raise self._ended()

    def _command(self) -> list[str]:
        command = [str(self._install / "bin" / "postgres"), "-D", str(self._where.data)]
        command += ["-c", f"config_file={self._configuration}"]
        return [*command, "-k", str(self._where.sockets), "-p", str(PORT)]

    def _is_ready(self) -> bool:
        """`postmaster.pid` says so in its eighth line; the first names the server (`pg_ctl`)."""
        try:
            lines = (self._where.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[0] == str(self._pid) and lines[7].strip() == "ready"


def quoted(value: str) -> str:
    """A value as PostgreSQL's configuration file wants it."""
    return "'" + value.replace("'", "''") + "'"
