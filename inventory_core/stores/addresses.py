"""Where servers are, and which of them we may load: URLs, loopback, and who was allowed."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from psycopg.pq import Conninfo

from inventory_core.problems import Problem
from inventory_core.stores.kv import sentinel
from inventory_core.stores.mariadb import address as mariadb
from inventory_core.stores.sql.address import masked, options_of
from inventory_core.strategy import Needs

SCHEMES = {
    "postgresql": Needs.SQL,
    "postgres": Needs.SQL,
    "redis": Needs.KV,
    "rediss": Needs.KV,
    "unix": Needs.KV,
    **dict.fromkeys(sentinel.SCHEMES, Needs.KV),
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

    @property
    def shown(self) -> dict[str, str]:
        """The URL of each store of somebody's, its password hidden, for records."""
        urls = {} if self.embedded else {"sql": self.sql_url, "kv": self.kv_url}
        return {name: masked(url) for name, url in urls.items() if url}


def check_url(url: str, need: Needs, variable: str, *, or_mariadb: bool = False) -> None:
    """Refuse a URL of the wrong kind, naming where it came from.

    `or_mariadb`: rows may lie in MariaDB too. Records of a service are PostgreSQL's alone.
    """
    more = dict.fromkeys(mariadb.SCHEMES, Needs.SQL) if or_mariadb else {}
    schemes = {**SCHEMES, **more}
    try:
        scheme = urlsplit(url).scheme
    except ValueError:
        scheme = ""  # a bracket without its other half
    if schemes.get(scheme) is not need:
        wanted = " or ".join(f"{s}://" for s, n in schemes.items() if n is need)
        instead = f", not {scheme}://" if scheme else ""
        raise Problem(f"{variable} must begin with {wanted}{instead}")


def hosts_of(url: str) -> tuple[str, ...]:
    """The hosts that a URL leads to; none for a Unix socket."""
    if mariadb.is_mariadb(url):
        return mariadb.hosts_of(url)
    kind = SCHEMES.get(urlsplit(url).scheme)
    named = _hosts_of_postgresql(url) if kind is Needs.SQL else _hosts_of_redis(url)
    return tuple(host for host in named if host and not host.startswith(("/", "@")))


def _hosts_of_postgresql(url: str) -> list[str]:
    """As libpq sees it: what the URL does not say, the environment and service files may."""
    said = options_of(url)
    if "service" in said:
        raise Problem("a URL that names a service may lead anywhere: name the host instead")
    defaults = {
        option.keyword.decode(): (option.val or b"").decode() for option in Conninfo.get_defaults()
    }
    hosts = [str(said.get(name) or defaults.get(name, "")) for name in ("host", "hostaddr")]
    return ",".join(hosts).split(",")


def _hosts_of_redis(url: str) -> list[str]:
    if sentinel.is_watched(url):
        return _hosts_of_sentinels(url)
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return []
    return [unquote(parts.hostname or ""), *parse_qs(parts.query).get("host", [])]


def _hosts_of_sentinels(url: str) -> list[str]:
    try:
        return [host for host, _ in sentinel.read_sentinel_url(url).hosts]
    except ValueError:
        raise Problem(
            f"{masked(url)} names no sentinels: write it like {sentinel.LIKE_THIS}"
        ) from None


def is_loopback(host: str) -> bool:
    """Is this host the machine itself?"""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def check_allowed(url: str, allowed: Collection[str]) -> None:
    """Refuse a server that is not on this machine and was not allowed by name."""
    names = {name.lower() for name in allowed}
    for host in hosts_of(url):
        if not is_loopback(host) and host.lower() not in names:
            raise Problem(
                f"{host} is not this machine, and a run loads it heavily: say --allow-host {host} "
                "if that is meant"
            )
