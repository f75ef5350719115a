"""The servers of a comparison: private ones that we start, or yours by URL.

    with Servers(Settings()) as servers:
        with servers.open(find_stack("postgresql")) as place:
            ...

Servers start when the first stack wants them, and serve all stacks of the comparison.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from inventory_core.domain import Limits
from inventory_core.problems import Problem
from inventory_core.steps.errors import ConnectionLost
from inventory_core.stores.addresses import Address, check_allowed, check_url
from inventory_core.stores.audit import Audit
from inventory_core.stores.databases import database_of, row_store
from inventory_core.stores.embedded import (
    EmbeddedMariadb,
    EmbeddedPostgresql,
    EmbeddedValkey,
    EmbeddedValkeyCluster,
    fsync_us,
    is_tmpfs,
)
from inventory_core.stores.kv import RedisStore, leader_of, tagged
from inventory_core.stores.session import Session
from inventory_core.stores.stacks import Stack, connect, servers_of
from inventory_core.stores.store import Gauge, Store
from inventory_core.strategy import Needs

Private = EmbeddedPostgresql | EmbeddedMariadb | EmbeddedValkey | EmbeddedValkeyCluster
PRIVATE: Mapping[str, type[Private]] = {
    "postgresql": EmbeddedPostgresql,
    "mariadb": EmbeddedMariadb,
    "valkey": EmbeddedValkey,
    "valkey-cluster": EmbeddedValkeyCluster,
}
"""The private servers by name."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Which servers. An empty URL means: start a private one."""

    sql_url: str = ""
    redis_url: str = ""
    allow_hosts: tuple[str, ...] = ()
    name: str = ""  # of our schema and key prefix; empty: a fresh one
    cluster: bool = False  # the Redis URL leads to a cluster
    postgresql: Mapping[str, str] = field(default_factory=dict, hash=False)  # of a private one

    @classmethod
    def from_environment(
        cls, sql_url: str = "", redis_url: str = "", allow_hosts: tuple[str, ...] = ()
    ) -> Settings:
        """What was said, else what STOCKPROOF_SQL_URL and STOCKPROOF_REDIS_URL say."""
        return cls(
            sql_url or os.environ.get("STOCKPROOF_SQL_URL", ""),
            redis_url or os.environ.get("STOCKPROOF_REDIS_URL", ""),
            allow_hosts,
        )


@dataclass
class Place:
    """The stores of one stack, open: ours to fill, to clear and to read back."""

    stack: Stack
    address: Address
    stores: Mapping[str, Store]
    durability: Mapping[str, object] = field(default_factory=dict)
    private: Mapping[str, Private] = field(default_factory=dict)  # by name: ours to kill
    _gauges: dict[str, Gauge] = field(default_factory=dict)

    def create(self) -> None:
        """Make schema and prefix, empty."""
        for store in self.stores.values():
            store.create()

    def clear(self) -> None:
        """Empty them between two runs."""
        for store in self.stores.values():
            store.clear()

    def remove(self) -> None:
        """Remove exactly what `create` made."""
        for store in self.stores.values():
            store.remove()

    def planned(self) -> tuple[str, ...]:
        """What would be created and removed, in sentences."""
        return tuple(line for store in self.stores.values() for line in store.planned())

    def connect(self, limits: Limits | None = None, seed: int | str = 0) -> Session:
        """One more session on these stores."""
        try:
            return connect(self.address, limits or Limits(), seed)
        except ConnectionLost as error:
            raise Problem(f"cannot connect to the stack {self.stack.name}: {error}") from None

    def audit(self) -> Audit:
        """The books of every store that holds anything, read back without the code under test."""
        books = (store.book() for store in self.stores.values())
        return Audit(tuple(book for book in books if book and (book.remaining or book.orders)))

    def remaining(self) -> int | None:
        """All units left, as the store counts that decides: keys before rows."""
        for name in ("kv", "sql"):
            if name not in self.stores:
                continue
            units = self._gauged(name)
            if units is not None:
                return units
        return None

    def copied(self) -> int | None:
        """Units left by the rows, where keys decide and rows learn of it; else None."""
        if not {"kv", "sql"} <= self.stores.keys() or self._gauged("kv") is None:
            return None
        return self._gauged("sql")

    def _gauged(self, name: str) -> int | None:
        """What the gauge of a store reads; over a new connection if the server was away."""
        known = self._gauges.get(name)
        if known is not None:
            try:
                return known.read()
            except AssertionError:
                raise
            except Exception:  # noqa: BLE001 - whatever it is, a new connection meets it again
                self._gauges.pop(name).close()
        self._gauges[name] = self.stores[name].gauge()
        return self._gauges[name].read()

    def __enter__(self) -> Self:
        self.create()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(Problem):  # a server that is gone has nothing left to remove
            self.remove()
        for gauge in self._gauges.values():
            gauge.close()
        self._gauges.clear()


class Servers:
    """Starts private servers when they are wanted, and stops them at the end."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._running: dict[str, Private] = {}
        self._life = ExitStack()
        for url, need, variable in (
            (settings.sql_url, Needs.SQL, "the SQL URL"),
            (settings.redis_url, Needs.KV, "the Redis URL"),
        ):
            if url:
                check_url(url, need, variable, or_mariadb=True)
                check_allowed(url, settings.allow_hosts)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._life.close()

    def open(self, stack: Stack) -> Place:
        """A place on the servers that the stack wants; use it as a context manager."""
        if not stack.live and stack.name != "null":
            raise Problem(f"the stack {stack.name} has no servers: only `prove` runs on it")
        name = self.settings.name or f"stockproof_{secrets.token_hex(4)}"
        wanted = servers_of(stack)
        prefix = tagged(name)
        given = {need: self._given(need, stack) for need in wanted}
        if given.get(Needs.KV):
            given[Needs.KV] = _at_home(given[Needs.KV], prefix, stack)
            self._check_leader(given[Needs.KV])
        missing = {need: wanted[need] for need in wanted if not given[need]}
        running = self._started(list(missing.values()))
        private = {need: running[name] for need, name in missing.items()}
        urls = {**given, **{need: server.url for need, server in private.items()}}
        sql, kv = urls.get(Needs.SQL, ""), urls.get(Needs.KV, "")
        if Needs.KV in private:
            kv = _at_home(kv, prefix, stack)
        address = Address(
            stack.name,
            sql_url=sql,
            sql_schema=name if sql else "",
            kv_url=kv,
            kv_prefix=prefix if kv else "",
            embedded=bool(private),
        )
        stores: dict[str, Store] = {}
        if sql:
            stores["sql"] = row_store(sql, name)
        if kv:
            stores["kv"] = RedisStore(kv, prefix)
        # The disk of somebody else's server cannot be measured from here.
        directories = [server.directory for server in private.values()]
        known = directories if len(private) == len(wanted) else []
        return Place(stack, address, stores, _durability(stores, known), running)

    def planned(self, stack: Stack) -> tuple[str, ...]:
        """What a run on this stack would create and remove, without starting anything."""
        lines: list[str] = []
        name = self.settings.name or "stockproof_xxxxxxxx"  # in earnest, random digits
        for need, server in servers_of(stack).items():
            url = self._given(need, stack)
            if not url:
                word = PRIVATE[server].server_name
                lines.append(f"a private {word}, in a directory of its own, stopped at the end")
            elif need is Needs.SQL:
                lines.extend(row_store(url, name).planned())
            else:
                lines.extend(RedisStore(url, tagged(name)).planned())
        return tuple(lines)

    def _check_leader(self, url: str) -> None:
        """What a cluster or sentinels lead to must be allowed, too."""
        check_allowed(url, self.settings.allow_hosts)
        check_allowed(leader_of(url), self.settings.allow_hosts)

    def _given(self, need: Needs, stack: Stack) -> str:
        if need is Needs.KV:
            return self.settings.redis_url
        url = self.settings.sql_url
        if url and database_of(url) != servers_of(stack)[need]:
            raise Problem(
                f"the stack {stack.name} has no place for the SQL URL, which leads to"
                f" {database_of(url)}: leave out the one or the other"
            )
        return url

    def _started(self, names: Sequence[str]) -> dict[str, Private]:
        """The private servers of these names; those that do not run yet start side by side."""
        missing = [name for name in names if name not in self._running]
        with ThreadPoolExecutor(max_workers=2) as starters:
            self._running |= zip(missing, starters.map(self._start, missing), strict=True)
        return {name: self._running[name] for name in names}

    def _start(self, name: str) -> Private:
        if name == "postgresql":
            server: Private = EmbeddedPostgresql(settings=self.settings.postgresql)
        else:
            server = PRIVATE[name]()
        self._life.enter_context(server)
        return server


def _at_home(url: str, prefix: str, stack: Stack) -> str:
    """The URL of the server that has the keys of a prefix."""
    store = RedisStore(url, prefix)
    if servers_of(stack)[Needs.KV] == "valkey-cluster" and not store.of_cluster:
        raise Problem(
            f"the stack {stack.name} wants a cluster, and the Redis URL leads to a single server: "
            "give the URL of a node of a cluster, or leave it out"
        )
    return store.home


def _durability(stores: Mapping[str, Store], directories: Sequence[Path]) -> dict[str, object]:
    """Settings by store, in words for a table, and the disk: of the database, if that is one."""
    fingerprints = {name: dict(store.fingerprint()) for name, store in stores.items()}
    words = [_words(name, settings) for name, settings in fingerprints.items()]
    return {
        **fingerprints,
        "fsync_us": round(fsync_us(directories[0]), 1) if directories else None,
        "tmpfs": any(is_tmpfs(directory) for directory in directories),
        "words": "; ".join(words),
    }


def _words(name: str, settings: Mapping[str, str]) -> str:
    if name == "sql" and "innodb_flush_log_at_trx_commit" in settings:
        flushed = f"flush at commit {settings['innodb_flush_log_at_trx_commit']}"
        return f"{flushed}, {settings['isolation'].lower()}"
    if name == "sql":
        flushed = "fsync" if settings.get("fsync") == "on" else "no fsync"
        return f"{flushed}, commit {settings.get('synchronous_commit', '?')}"
    if settings.get("appendonly") == "yes":
        return f"aof {settings.get('appendfsync', '?')}"
    return "no aof" if "appendonly" in settings else "aof unknown"
