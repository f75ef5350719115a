"""Where a PostgreSQL is, and how to get in: what fails is one sentence, without the password."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

from inventory_core.problems import Problem

CONNECT_WITHIN_S = 10
BUSY = ("starting up", "shutting down", "recovery mode", "too many", "connection slots")
TLS = ("SSL", "certificate")
LIKE_THIS = "postgresql://USER:PASSWORD@HOST:5432/DATABASE"
UNLESS_THE_URL_SAYS_OTHERWISE: dict[str, Any] = {
    "connect_timeout": CONNECT_WITHIN_S,
    # A server that is gone is noticed within half a minute, not after the system's two hours.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


def connect(url: str) -> psycopg.Connection[Any]:
    """A connection that commits every statement by itself; `Problem` if there is none to be had."""
    options = options_of(url)
    wanted = {name: v for name, v in UNLESS_THE_URL_SAYS_OTHERWISE.items() if name not in options}
    ours: dict[str, Any] = {"application_name": "stockproof", "client_encoding": "utf8"}
    try:
        return psycopg.connect(url, autocommit=True, **wanted, **ours)
    except psycopg.OperationalError as failure:
        raise Problem(_why(url, str(failure))) from None


def options_of(url: str) -> dict[str, Any]:
    """What the URL says, by libpq's names."""
    try:
        scheme = urlsplit(url).scheme
        if scheme in ("postgresql", "postgres"):
            return conninfo_to_dict(url)
    except (ValueError, psycopg.ProgrammingError):
        pass  # what libpq says quotes the URL, the password with it
    raise Problem(f"{masked(url)} is no URL of a PostgreSQL: write it like {LIKE_THIS}.")


def hosts_of(url: str) -> tuple[str, ...]:
    """The hosts of the URL; a path is the directory of a socket, nothing is this machine."""
    options = options_of(url)
    named = f"{options.get('host', '')},{options.get('hostaddr', '')}".split(",")
    return tuple(host for host in named if host)


def masked(url: str) -> str:
    """The URL with its password hidden."""
    user = r"(//[^/@:]*)" if "//" in url else r"(^[^/@:]*)"
    hidden = re.sub(f"{user}:.*@", r"\1:***@", url)
    return re.sub(r"((?:ssl)?password=)[^&\s]*", r"\1***", hidden)


def _why(url: str, said: str) -> str:
    """One sentence from libpq's first complaint."""
    told = [line for line in said.splitlines() if not line.startswith("\t")]  # a tab: a hint
    lines = [line.strip(" -") for line in told if line.strip(" -")] or ["no reply"]
    cause = next((line for line in lines if "FATAL:" in line), lines[-1])
    where = masked(url)
    if "FATAL:" in cause:
        cause = cause.split("FATAL:", 1)[1].strip()
        if any(word in cause for word in BUSY):
            return f"{where} takes no connection now ({cause}): try again, or allow it more."
        if "no encryption" in cause:
            return f"{where} wants TLS ({cause}): add sslmode=verify-full to the URL."
        return f"{where} does not let us in ({cause}): check user, password and database."
    cause = cause.rsplit("failed: ", 1)[-1].rstrip("?.")
    if any(word in cause for word in TLS):
        return f"{where} does not speak TLS as asked ({cause}): correct sslmode or sslrootcert."
    return f"{where} cannot be reached ({cause}): start the server, or correct the URL."
