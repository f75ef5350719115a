"""Private servers that speak TLS, or stand under the watch of sentinels.

The wheels' servers speak no TLS, so these are the machine's own programs (Debian's packages
`postgresql` and `redis-server`); certificates are made by `openssl`. What is not there skips the
test, with the reason.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis

from inventory_core.stores.embedded import EmbeddedPostgresql, EmbeddedValkey
from inventory_core.stores.embedded.mariadb import EmbeddedMariadb
from inventory_core.stores.embedded.postgresql import PORT
from inventory_core.stores.embedded.valkey import HOST

SERVICE = "shop"
SENTINELS = 3


@dataclass(frozen=True, slots=True)
class Certificates:
    """An authority, a server's certificate that it signed, and another authority that did not."""

    authority: Path
    other: Path
    certificate: Path
    key: Path


@contextmanager
def certificates() -> Iterator[Certificates]:
    """Made for localhost, in a directory that every user of the machine may read."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("there is no openssl on this machine to make certificates")
    with tempfile.TemporaryDirectory(prefix="stockproof-tls-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for who in ("authority", "other"):
            _openssl(program, folder, *("req", "-x509", "-newkey", "rsa:2048", "-nodes"),
                     *("-keyout", f"{who}.key", "-out", f"{who}.pem", "-subj", f"/CN={who}"),
                     *("-days", "2"))  # fmt: skip
        _openssl(program, folder, *("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "its.key"),
                 *("-out", "its.csr", "-subj", "/CN=localhost"))  # fmt: skip
        names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
        (folder / "names").write_text(names, encoding="ascii")
        _openssl(program, folder, *("x509", "-req", "-in", "its.csr", "-CA", "authority.pem"),
                 *("-CAkey", "authority.key", "-CAcreateserial", "-extfile", "names"),
                 *("-out", "its.pem", "-days", "2"))  # fmt: skip
        (folder / "its.key").chmod(0o644)  # Valkey's user reads it; PostgreSQL gets a copy
        yield Certificates(*(folder / n for n in ("authority.pem", "other.pem")),
                           *(folder / n for n in ("its.pem", "its.key")))  # fmt: skip


def _openssl(program: str, folder: Path, *words: str) -> None:
    subprocess.run([program, *words], cwd=folder, check=True, capture_output=True)


class SecureRedis(EmbeddedValkey):
    """The machine's Redis, which speaks TLS on its port, and nothing else."""

    def __init__(self, made: Certificates) -> None:
        super().__init__()
        self._made = made

    def _prepare(self) -> None:
        found = shutil.which("redis-server") or shutil.which("valkey-server")
        if found is None:
            pytest.skip("there is no redis-server on this machine that speaks TLS")
        self._program, self._port = Path(found), 0

    def _configure(self) -> None:
        made = self._made
        self._settings |= {"tls-port": str(self._port), "port": "0", "tls-auth-clients": "no"}
        self._settings |= {"tls-cert-file": str(made.certificate), "tls-key-file": str(made.key)}
        self._settings |= {"tls-ca-cert-file": str(made.authority)}
        super()._configure()


class SecurePostgresql(EmbeddedPostgresql):
    """The machine's PostgreSQL: by TCP it wants TLS and a password."""

    def __init__(self, made: Certificates, port: int) -> None:
        super().__init__(settings={"listen_addresses": "127.0.0.1"})
        self._made, self.port = made, port

    @property
    def url(self) -> str:
        return super().url.replace(f"port={PORT}", f"port={self.port}")

    def _command(self) -> list[str]:
        return [*super()._command()[:-1], str(self.port)]

    def _programs(self) -> Path:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
        if not found:
            pytest.skip("there is no PostgreSQL under /usr/lib/postgresql that speaks TLS")
        return found[-1].parents[1]

    def _prepare(self) -> None:
        data = self._where.data
        super()._prepare()
        key = data / "its.key"
        shutil.copy(self._made.key, key)
        key.chmod(0o600)
        if self._account is not None:
            shutil.chown(key, self._account.uid, self._account.gid)
        hba = data / "pg_hba.conf"
        hba.write_text("local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n")
        with self._configuration.open("a") as file:
            file.write(f"ssl = on\nssl_cert_file = '{self._made.certificate}'\n")
            file.write(f"ssl_key_file = '{key}'\n")


class SecureMariadb(EmbeddedMariadb):
    """The machine's MariaDB: by TCP it wants TLS."""

    def __init__(self, made: Certificates, port: int) -> None:
        super().__init__(
            settings={
                "skip-networking": "0",
                "bind-address": "127.0.0.1",
                "port": f"{port}",
                "require-secure-transport": "1",
                "ssl-cert": str(made.certificate),
                "ssl-key": str(made.key),
                "ssl-ca": str(made.authority),
            }
        )
        self.port = port


class Sentinel(EmbeddedValkey):
    """A Valkey that keeps nothing but an eye on a leader."""

    def __init__(self, leader: EmbeddedValkey) -> None:
        super().__init__()
        self._leader = leader

    def _configure(self) -> None:
        """It writes what it learns into its configuration, so that is its user's file."""
        text = f"port {self._port}\nbind {HOST}\ndir {self._where.data}\n"
        text += f"unixsocket {self.socket_path}\nunixsocketperm 700\nset-proc-title no\n"
        text += f"sentinel monitor {SERVICE} {HOST} {self._leader.port} 2\n"
        text += f"sentinel down-after-milliseconds {SERVICE} 300\n"
        text += f"sentinel failover-timeout {SERVICE} 2000\n"
        self._configuration.write_text(text)
        if self._account is not None:
            shutil.chown(self._configuration, self._account.uid, self._account.gid)

    @property
    def _configuration(self) -> Path:
        return self._where.data / "sentinel.conf"

    def _command(self) -> list[str]:
        return [*super()._command(), "--sentinel"]


@dataclass(frozen=True, slots=True)
class Watch:
    """A leader, its replica, and who watches them."""

    url: str
    leader: EmbeddedValkey
    replica: EmbeddedValkey


@contextmanager
def watched() -> Iterator[Watch]:
    """A leader with a replica under three sentinels that know of each other."""
    with ExitStack() as life:
        leader = life.enter_context(EmbeddedValkey())
        follow = {"replicaof": f"{HOST} {leader.port}"}
        replica = life.enter_context(EmbeddedValkey(settings=follow))
        trio = [life.enter_context(Sentinel(leader)) for _ in range(SENTINELS)]
        hosts = ",".join(f"{HOST}:{one.port}" for one in trio)
        yield Watch(f"redis+sentinel://{hosts}/{SERVICE}/0", leader, replica)


def master_seen_by(url: str) -> dict[str, Any]:
    """What the first sentinel of a URL says of the leader."""
    host, port = url.partition("://")[2].partition(",")[0].split(":")
    with redis.Redis(host, int(port), decode_responses=True) as client:
        seen: dict[str, Any] = client.sentinel_masters()[SERVICE]
        return seen
