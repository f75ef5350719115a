"""Where a MariaDB is, and how to get in: what fails is one sentence, without the password."""

from __future__ import annotations

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
KNOWN = {"unix_socket", SNAPSHOTS}


def is_mariadb(url: str) -> bool:
    """Does this URL lead to a MariaDB?"""
    return url.partition("://")[0] in SCHEMES


def options_of(url: str) -> dict[str, Any]:
    """What the URL says, by PyMySQL's names, and `innodb_snapshot_isolation` if it says so."""
    try:
        parts = urlsplit(url)
        said = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        if parts.scheme in SCHEMES and said.keys() <= KNOWN:
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


def hosts_of(url: str) -> tuple[str, ...]:
    """The host of the URL; none for a Unix socket."""
    options = options_of(url)
    return () if "unix_socket" in options else (options["host"],)


def connect(url: str, silence_s: float | None = None) -> Any:
    """A connection on which a statement commits by itself, and an UPDATE counts what it finds."""
    options = options_of(url)
    snapshots = options.pop(SNAPSHOTS, "")
    opening = ["SET time_zone = '+00:00'", "sql_mode = 'STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES'"]
    if snapshots:
        opening.append(f"{SNAPSHOTS} = {int(snapshots.lower() in ('on', '1', 'true'))}")
    try:
        return pymysql.connect(
            **options,
            charset="utf8mb4",
            autocommit=True,
            client_flag=CLIENT.FOUND_ROWS,
            connect_timeout=CONNECT_WITHIN_S,
            read_timeout=silence_s,
            init_command=", ".join(opening),
        )
    except (pymysql.MySQLError, OSError) as failure:
        said = failure.args[-1] if failure.args else "no reply"
        raise Problem(f"{masked(url)} does not let us in ({said}): check server and URL.") from None
