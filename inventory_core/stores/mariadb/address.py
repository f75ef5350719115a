"""Where a MariaDB is, and how to get in: what fails is one sentence, without the password."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pymysql
from pymysql.constants import CLIENT

from inventory_core.problems import Problem
from inventory_core.stores.sql.address import masked

SCHEMES = ("mysql", "mariadb")
CONNECT_WITHIN_S = 10
LIKE_THIS = "mysql://USER:PASSWORD@HOST:3306/"
SNAPSHOTS = "innodb_snapshot_isolation"
ISOLATION = "isolation"
LEVELS = {"read-committed": "READ COMMITTED", "repeatable-read": "REPEATABLE READ"}
SWITCH = {"on": 1, "1": 1, "off": 0, "0": 0}
AUTHORITY, TLS = "ssl_ca", "ssl"
ALLOWED = {
    "unix_socket": (),
    AUTHORITY: (),
    TLS: ("required",),
    SNAPSHOTS: tuple(SWITCH),
    ISOLATION: tuple(LEVELS),
}
"""Options of a URL, and what they may be: anything, where nothing is listed."""


def is_mariadb(url: str) -> bool:
    """Does this URL lead to a MariaDB?"""
    return url.partition("://")[0] in SCHEMES


def options_of(url: str) -> dict[str, Any]:
    """What the URL says, by PyMySQL's names, and its `isolation` and snapshots if it says so."""
    try:
        parts = urlsplit(url)
        query = parse_qs(parts.query, keep_blank_values=True)
        said = {name: values[-1] for name, values in query.items()}
        if parts.scheme in SCHEMES:
            _check(said)
            who = {"user": unquote(parts.username or "root")}
            who["password"] = unquote(parts.password or "")
            return {
                **who,
                "host": parts.hostname or "127.0.0.1",
                "port": parts.port or 3306,
                **said,
            }
    except ValueError:
        pass  # a bracket without its other half, or a port that is no number
    raise Problem(f"{masked(url)} is no URL of a MariaDB: write it like {LIKE_THIS}.")


def _check(said: Mapping[str, str]) -> None:
    """Refuse an option that we do not know, or know otherwise."""
    for name, value in said.items():
        if name not in ALLOWED:
            raise Problem(
                f"the URL of a MariaDB has no option {name}: it may have {', '.join(ALLOWED)}"
            )
        if ALLOWED[name] and value not in ALLOWED[name]:
            raise Problem(f"{name}={value} in the URL: it must be {' or '.join(ALLOWED[name])}")


def level_of(url: str) -> str:
    """The level of transactions that ask for no stronger one: as on PostgreSQL, if none is said."""
    return LEVELS[options_of(url).get(ISOLATION, "read-committed")]


def hosts_of(url: str) -> tuple[str, ...]:
    """The host of the URL; none for a Unix socket."""
    options = options_of(url)
    return () if "unix_socket" in options else (options["host"],)


def connect(url: str, silence_s: float | None = None) -> Any:
    """A connection on which a statement commits by itself, and an UPDATE counts what it finds."""
    options = options_of(url)
    snapshots = options.pop(SNAPSHOTS, "")
    options.pop(ISOLATION, None)
    options |= _tls(options.pop(TLS, ""), options.pop(AUTHORITY, ""))
    opening = ["SET time_zone = '+00:00'", "sql_mode = 'STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES'"]
    if snapshots:
        opening.append(f"{SNAPSHOTS} = {SWITCH[snapshots]}")
    try:
        return pymysql.connect(
            **options,
            ssl_disabled="unix_socket" in options,  # a socket needs none, and it costs 20 ms
            charset="utf8mb4",
            autocommit=True,
            client_flag=CLIENT.FOUND_ROWS,
            connect_timeout=CONNECT_WITHIN_S,
            read_timeout=silence_s,
            init_command=", ".join(opening),
        )
    except (pymysql.MySQLError, OSError) as failure:
        raise _why(url, failure) from None


def _tls(required: str, authority: str) -> dict[str, Any]:
    """By PyMySQL's names. With an authority the server must prove its name, too."""
    if authority:
        return {"ssl_ca": authority, "ssl_verify_cert": True, "ssl_verify_identity": True}
    return {"ssl": {"verify_mode": "none"}} if required else {}


def _why(url: str, failure: Exception) -> Problem:
    """One sentence for what PyMySQL or the system says."""
    where = masked(url)
    said = str(failure.args[-1] if failure.args else "no reply")
    if isinstance(failure, FileNotFoundError):
        return Problem(f"{where} names a file that is not there: correct ssl_ca in the URL.")
    if "certificate" in said.lower():
        return Problem(
            f"{where} shows a certificate that is not trusted ({said}): name the file of its"
            " authority with ssl_ca= in the URL."
        )
    if "SSL" in said:
        return Problem(f"{where} does not speak TLS ({said}): leave ssl out of the URL.")
    return Problem(f"{where} does not let us in ({said}): check server, user and password.")
