"""A key prefix of our own on a Redis or Valkey server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

import redis

from inventory_core.domain import Limits
from inventory_core.problems import Problem
from inventory_core.steps.noted import CHANGED
from inventory_core.steps.stream import CHANGES
from inventory_core.stores.audit import Book
from inventory_core.stores.kv.audit import BATCH, pattern_of, read_book
from inventory_core.stores.kv.cluster import has_tag, home_of, is_cluster
from inventory_core.stores.kv.errors import LOST
from inventory_core.stores.kv.explaining import explained
from inventory_core.stores.kv.redis_part import CONNECT_WITHIN_S, RedisPart
from inventory_core.stores.kv.sentinel import is_watched, said_of_servers, server_url
from inventory_core.stores.sql.address import masked

OWNER = "stockproof 1"
"""Stands under the key `<prefix>owner`, and says that the prefix is ours, in this format."""

LIKE_THIS = "redis://USER:PASSWORD@HOST:6379/0"
SETTINGS = ("appendonly", "appendfsync", "save", "maxmemory", "maxmemory-policy")


@dataclass(frozen=True)
class RedisStore:
    """The keys that begin with `prefix` on the server at `url`."""

    url: str
    prefix: str

    @cached_property
    def _given(self) -> Any:
        """A client of the server that we were told."""
        return self._client_at(self.url)

    def _client_at(self, url: str) -> Any:
        try:
            client = _client_of(said_of_servers(url))
            pool = client.connection_pool
            pool.connection_class(**pool.connection_kwargs)  # refuses options it does not know
        except (ValueError, TypeError):  # what redis-py says may quote the password
            raise Problem(
                f"{self._shown} is no URL of a Redis: write it like {LIKE_THIS}"
            ) from None
        return client

    @cached_property
    def of_cluster(self) -> bool:
        """Does the URL lead to a node of a cluster?"""
        with self._explained():
            return not is_watched(self.url) and is_cluster(self._given)

    @cached_property
    def home(self) -> str:
        """The URL of the server that has our keys: of a cluster, one node.

        Of servers with sentinels, the sentinels': who is the leader is asked with every connection.
        """
        if not self.of_cluster:
            return self.url
        with self._explained():
            if not has_tag(self.prefix):
                raise Problem(
                    f"Redis at {self._shown} is a cluster, and a script needs all its keys in one "
                    f"place: choose a prefix with a part in braces, like {{shop}}:, which the "
                    f"prefix {self.prefix!r} has not"
                )
            return home_of(self.url, self.prefix, self._given)

    @cached_property
    def _clients(self) -> dict[str, Any]:
        """By URL; more than one after a failover."""
        return {}

    @property
    def _client(self) -> Any:
        if self.home == self.url and not is_watched(self.url):
            return self._given
        url = server_url(self.home)
        if url not in self._clients:
            self._clients[url] = self._client_at(url)
        return self._clients[url]

    @property
    def _shown(self) -> str:
        """The URL with its password hidden."""
        return masked(self.url)

    @contextmanager
    def _talking(self) -> Iterator[Any]:
        """The client; what the user can mend becomes a `Problem`."""
        with self._explained():
            yield self._client

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (redis.ResponseError, *LOST) as error:
            raise explained(self._shown, error) from None

    def connect(self, limits: Limits) -> RedisPart:
        """One more connection."""
        return RedisPart(self.home, self.prefix, limits)

    def planned(self) -> tuple[str, ...]:
        """What would be made and removed."""
        return (f"keys that begin with {self.prefix!r} on {self._shown}",)

    def create(self) -> None:
        """Mark the prefix as ours, and empty it; refuse one that holds somebody else's keys."""
        self.claim()
        self.clear()

    def claim(self) -> None:
        """Mark the prefix as ours, and leave what is in it; refuse somebody else's keys."""
        with self._talking() as client:
            self._refuse_unfit(client)
            self._refuse_foreign(client)
            client.set(f"{self.prefix}owner", OWNER)

    def _refuse_foreign(self, client: Any) -> None:
        owner = client.get(f"{self.prefix}owner")
        if owner is None and next(self._keys(client), None) is not None:
            raise Problem(
                f"the prefix {self.prefix!r} on {self._shown} holds keys that Stockproof did not "
                "make: choose another prefix or database"
            )
        if owner not in (None, OWNER):
            raise Problem(
                f"the prefix {self.prefix!r} on {self._shown} belongs to {owner!r}, not to "
                f"{OWNER!r}: choose another prefix"
            )

    def _refuse_unfit(self, client: Any) -> None:
        """A server on which scripts cannot run, or stock would vanish."""
        if client.info("replication").get("role") == "slave":
            raise Problem(f"Redis at {self._shown} is a replica: give the URL of its primary")
        policy = _settings(client).get("maxmemory-policy", "noeviction")
        if policy.startswith("allkeys"):
            raise Problem(
                f"Redis at {self._shown} may evict any key (maxmemory-policy {policy}), so stock "
                "would vanish: set it to noeviction"
            )

    def _keys(self, client: Any) -> Iterator[str]:
        yield from client.scan_iter(match=pattern_of(self.prefix), count=BATCH)

    def clear(self) -> None:
        """Empty the prefix; the mark stays."""
        with self._talking() as client:
            _unlink(client, (k for k in self._keys(client) if k != f"{self.prefix}owner"))

    def remove(self) -> None:
        """Remove exactly the keys of this prefix, if it is ours."""
        with self._talking() as client:
            if client.get(f"{self.prefix}owner") == OWNER:
                self.clear()
                client.unlink(f"{self.prefix}owner")  # last, so that a removal can be repeated

    def book(self) -> Book | None:
        """What lies under the prefix."""
        with self._talking() as client:
            return read_book(client, self.prefix)

    def gauge(self) -> RedisStore:
        """A store with a connection of its own, to be read again and again."""
        return RedisStore(self.url, self.prefix)

    def read(self) -> int | None:
        """All units left; None if nothing is counted here."""
        with self._talking() as client:
            names = client.hkeys(f"{self.prefix}journal")
            opened = [n.removeprefix("opening:") for n in names if n.startswith("opening:")]
            if not opened:
                return None
            units = client.mget([f"{self.prefix}cell:{name}" for name in opened])
            return sum(int(one or 0) for one in units)

    def notes(self, most: int) -> tuple[int, list[str]]:
        """How many notes of changes wait (see `steps.noted`), and some of them."""
        with self._talking() as client:
            key = f"{self.prefix}{CHANGED}"
            return int(client.zcard(key)), client.zrange(key, 0, most - 1)

    def entries(self) -> tuple[int, int, int]:
        """How many entries of a stream wait (see `steps.stream`), since when, and now: in ms."""
        with self._talking() as client:
            key = f"{self.prefix}{CHANGES}"
            oldest = client.xrange(key, count=1)
            seconds, micros = client.time()
            since = int(oldest[0][0].partition("-")[0]) if oldest else 0
            return int(client.xlen(key)), since, seconds * 1_000 + micros // 1_000

    def commands(self) -> int:
        """How many commands the server has carried out so far, those inside scripts included."""
        with self._talking() as client:
            return int(client.info("stats")["total_commands_processed"])

    def fingerprint(self) -> Mapping[str, str]:
        """Version and durability settings."""
        with self._talking() as client:
            server = client.info("server")
            name = server.get("server_name", "redis")
            version = server.get(f"{name}_version", server.get("redis_version", "?"))
            return {"server": f"{name} {version}", **_settings(client)}

    def close(self) -> None:
        """Hang up."""
        given = [self._given] if "_given" in self.__dict__ else []
        for client in (*given, *self._clients.values()):
            client.close()


def leader_of(url: str) -> str:
    """The URL of the server that has the keys now; of sentinels, whom they name."""
    with RedisStore(url, "")._explained():
        return server_url(url)


def _client_of(url: str) -> Any:
    return redis.Redis.from_url(url, decode_responses=True, socket_connect_timeout=CONNECT_WITHIN_S)


def _settings(client: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    try:
        for setting in SETTINGS:
            found |= client.config_get(setting)
    except redis.ResponseError:
        return {"settings": "hidden by the server"}  # some hosts forbid CONFIG
    return found


def _unlink(client: Any, keys: Iterator[str]) -> None:
    while batch := list(islice(keys, BATCH)):
        client.unlink(*batch)
