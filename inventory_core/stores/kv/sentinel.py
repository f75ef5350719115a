"""Redis Sentinel: servers that know who leads now, and make a leader of a replica when it dies.

    redis+sentinel://USER:PASSWORD@HOST:26379,HOST:26379/SERVICE/DB
    rediss+sentinel://...?ssl_ca_certs=FILE&sentinel_password=...

User and password are those of the servers watched; the sentinels' own are in the query. With
`rediss` everything is said over TLS. Who connects anew asks anew, so a session finds its way after
a failover. What the old leader had acknowledged and not yet passed on is lost: the chapter "High
availability with Redis Sentinel" of Redis's manual says how to bound that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from redis.sentinel import Sentinel

SCHEMES = ("redis+sentinel", "rediss+sentinel")
LIKE_THIS = "redis+sentinel://HOST:26379,HOST:26379/SERVICE/0"
PORT = 26_379
ANSWER_WITHIN_S = 2.0
OF_SENTINELS = "sentinel_"
"""Begins the options of a URL that are for the sentinels, not for the servers they watch."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What a sentinel URL says. `url_of` makes the URL of one of the servers watched."""

    hosts: tuple[tuple[str, int], ...]
    service: str
    scheme: str
    who: str  # "user:password@", quoted, or empty
    database: str
    query: str
    own: Mapping[str, Any]  # how to talk to the sentinels

    def url_of(self, host: str, port: int) -> str:
        """The URL of a server."""
        name = f"[{host}]" if ":" in host else host
        netloc = f"{self.who}{name}:{port}"
        return urlunsplit((self.scheme, netloc, f"/{self.database}", self.query, ""))


def is_watched(url: str) -> bool:
    """Does this URL lead to sentinels?"""
    return url.partition("://")[0] in SCHEMES


def read_sentinel_url(url: str) -> Watched:
    """A sentinel URL in its parts; a ValueError if it has not all of them."""
    parts = urlsplit(url)
    who, at, hosts = parts.netloc.rpartition("@")
    service, _, database = parts.path.strip("/").partition("/")
    places = tuple(_place(host) for host in hosts.split(",") if host)
    if not places or not service:
        raise ValueError("a sentinel URL needs hosts and a service")
    options = parse_qsl(parts.query, keep_blank_values=True)
    scheme = parts.scheme.partition("+")[0]
    own: dict[str, Any] = {
        k.removeprefix(OF_SENTINELS): v for k, v in options if k.startswith(OF_SENTINELS)
    }
    rest = {name: value for name, value in options if not name.startswith(OF_SENTINELS)}
    if scheme == "rediss":
        tls = {name: value for name, value in rest.items() if name.startswith("ssl_")}
        own |= {"ssl": True, **tls}
    return Watched(
        places, unquote(service), scheme, f"{who}{at}", database or "0", urlencode(rest), own
    )


def server_url(url: str) -> str:
    """The URL of the server that has the keys now: `url` itself unless sentinels are to be asked.

    A redis `ConnectionError` if no sentinel answers, or none knows a leader of the service.
    """
    if not is_watched(url):
        return url
    watched = read_sentinel_url(url)
    kwargs = {"socket_timeout": ANSWER_WITHIN_S, **watched.own}
    untyped: Any = Sentinel
    sentinel = untyped(list(watched.hosts), sentinel_kwargs=kwargs)
    try:
        host, port = sentinel.discover_master(watched.service)
    finally:
        for one in sentinel.sentinels:
            one.close()
    return watched.url_of(host, port)


def said_of_servers(url: str) -> str:
    """A URL that says how to talk to a server watched, at a place that is none of them."""
    if not is_watched(url):
        return url
    watched = read_sentinel_url(url)
    return watched.url_of(*watched.hosts[0])


def _place(text: str) -> tuple[str, int]:
    parts = urlsplit(f"//{text}")
    return unquote(parts.hostname or ""), parts.port or PORT
