"""Where servers are, and which of them we may load: URLs, loopback, and who was allowed."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from inventory_core.problems import Problem
from inventory_core.strategy import Needs

SCHEMES = {
    "postgresql": Needs.SQL,
    "postgres": Needs.SQL,
    "redis": Needs.KV,
    "rediss": Needs.KV,
    "unix": Needs.KV,
}


@dataclass(frozen=True, slots=True)
class Address:
    """Where the stores of a stack lie; small and picklable, for worker processes."""

    stack: str
    sql_url: str = ""
    sql_schema: str = ""
    kv_url: str = ""
    kv_prefix: str = ""
    embedded: bool = False


def check_url(url: str, need: Needs, variable: str) -> None:
    """Refuse a URL of the wrong kind, naming where it came from."""
    scheme = urlsplit(url).scheme
    if SCHEMES.get(scheme) is not need:
        wanted = " or ".join(f"{s}://" for s, n in SCHEMES.items() if n is need)
        raise Problem(f"{variable} must begin with {wanted}, not {scheme or url!r}")


def hosts_of(url: str) -> tuple[str, ...]:
    """The hosts that a URL names; none for a Unix socket."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return ()
    named = [*parse_qs(parts.query).get("host", []), *_listed(parts.netloc)]
    hosts = [host for name in named for host in name.split(",") if host]
    return tuple(host for host in hosts if not host.startswith("/"))


def _listed(netloc: str) -> list[str]:
    found = []
    for place in netloc.rpartition("@")[2].split(","):
        bracketed = place.startswith("[")
        found.append(place[1:].partition("]")[0] if bracketed else place.partition(":")[0])
    return found


def is_loopback(host: str) -> bool:
    """Is this host the machine itself?"""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def check_allowed(url: str, allowed: Collection[str]) -> None:
    """Refuse a server that is not on this machine and was not allowed by name."""
    for host in hosts_of(url):
        if not is_loopback(host) and host not in allowed:
            raise Problem(
                f"{host} is not this machine, and a run loads it heavily: say --allow-host {host} "
                "if that is meant"
            )
