"""A key prefix of our own on a Redis or Valkey server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import urlsplit

import redis

from inventory_core.domain import Limits
from inventory_core.problems import Problem
from inventory_core.stores.audit import Book
from inventory_core.stores.kv.audit import BATCH, pattern_of, read_book
from inventory_core.stores.kv.errors import LOST
from inventory_core.stores.kv.redis_part import CONNECT_WITHIN_S, RedisPart

T = TypeVar("T")
OWNER = "stockproof 1"
"""Stands under the key `<prefix>owner`, and says that the prefix is ours, in this format."""

SETTINGS = ("appendonly", "appendfsync", "save", "maxmemory", "maxmemory-policy")


@dataclass(frozen=True)
class RedisStore:
    """The keys that begin with `prefix` on the server at `url`."""

    url: str
    prefix: str

    @cached_property
    def _client(self) -> Any:
        try:
            return redis.Redis.from_url(
                self.url, decode_responses=True, socket_connect_timeout=CONNECT_WITHIN_S
            )
        except ValueError as error:
            raise Problem(f"{self._shown} is not a Redis URL: {error}") from None

    @property
    def _shown(self) -> str:
        parts = urlsplit(self.url)
        return self.url.replace(f":{parts.password}@", ":***@") if parts.password else self.url

    def _asked(self, ask: Callable[[Any], T]) -> T:
        try:
            return ask(self._client)
        except redis.AuthenticationError as error:
            raise Problem(
                f"Redis at {self._shown} refuses the password: put the right one into the URL "
                f"({error})"
            ) from None
        except LOST as error:
            raise Problem(
                f"Redis at {self._shown} cannot be reached: start it, or correct the URL ({error})"
            ) from None

    def connect(self, limits: Limits) -> RedisPart:
        """One more connection."""
        return RedisPart(self.url, self.prefix, limits)

    def planned(self) -> tuple[str, ...]:
        """What would be made and removed."""
        return (f"keys that begin with {self.prefix!r} on {self._shown}",)

    def create(self) -> None:
        """Mark the prefix as ours, and empty it; refuse one that holds somebody else's keys."""
        owner = self._asked(lambda client: client.get(f"{self.prefix}owner"))
        if owner is None and next(self._keys(), None) is not None:
            raise Problem(
                f"the prefix {self.prefix!r} on {self._shown} holds keys that Stockproof did not "
                "make: choose another prefix or database"
            )
        if owner not in (None, OWNER):
            raise Problem(
                f"the prefix {self.prefix!r} on {self._shown} belongs to {owner!r}, not to "
                f"{OWNER!r}: choose another prefix"
            )
        self._refuse_eviction()
        self.clear()
        self._asked(lambda client: client.set(f"{self.prefix}owner", OWNER))

    def _refuse_eviction(self) -> None:
        policy = self.fingerprint().get("maxmemory-policy", "noeviction")
        if policy.startswith("allkeys"):
            raise Problem(
                f"Redis at {self._shown} may evict any key (maxmemory-policy {policy}), so stock "
                "would vanish: set it to noeviction"
            )

    def _keys(self) -> Iterator[str]:
        pattern = pattern_of(self.prefix)
        scan = self._asked(lambda client: client.scan_iter(match=pattern, count=BATCH))
        yield from scan

    def _unlink(self, keys: Iterator[str]) -> None:
        batch: list[str] = []
        for key in keys:
            batch.append(key)
            if len(batch) == BATCH:
                self._client.unlink(*batch)
                batch = []
        if batch:
            self._client.unlink(*batch)

    def clear(self) -> None:
        """Empty the prefix; the mark stays."""
        self._unlink(key for key in self._keys() if key != f"{self.prefix}owner")

    def remove(self) -> None:
        """Remove exactly the keys of this prefix, if it is ours."""
        if self._asked(lambda client: client.get(f"{self.prefix}owner")) == OWNER:
            self._unlink(self._keys())

    def book(self) -> Book | None:
        """What lies under the prefix."""
        return self._asked(lambda client: read_book(client, self.prefix))

    def gauge(self) -> RedisStore:
        """A store with a connection of its own, to be read again and again."""
        return RedisStore(self.url, self.prefix)

    def read(self) -> int | None:
        """All units left; None if nothing is counted here."""
        names = self._asked(lambda client: client.hkeys(f"{self.prefix}journal"))
        opened = [name.removeprefix("opening:") for name in names if name.startswith("opening:")]
        if not opened:
            return None
        units = self._client.mget([f"{self.prefix}cell:{name}" for name in opened])
        return sum(int(one or 0) for one in units)

    def fingerprint(self) -> Mapping[str, str]:
        """Version and durability settings."""
        server = self._asked(lambda client: client.info("server"))
        name = server.get("server_name", "redis")
        version = server.get(f"{name}_version", server.get("redis_version", "?"))
        found = {"server": f"{name} {version}"}
        try:
            for setting in SETTINGS:
                found |= self._client.config_get(setting)
        except redis.ResponseError:
            found["settings"] = "hidden by the server"  # some hosts forbid CONFIG
        return found

    def close(self) -> None:
        """Hang up."""
        self._client.close()
