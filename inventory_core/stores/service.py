"""The stores of a service: one database for records and rows, and a key prefix for each engine.

    with open_service(address) as stores:
        stores.create()
        session = stores.connect()

An address can be pickled, so any process can open the same stores. Engines share the database
(their orders and cells have names of their own), but not their keys: a strategy that reads all keys
of a prefix takes them for its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from inventory_core.domain import Limits
from inventory_core.problems import Problem
from inventory_core.steps.engine import OnEngine
from inventory_core.steps.errors import ConnectionLost
from inventory_core.stores.kv import RedisPart, RedisStore
from inventory_core.stores.memory import MemoryPart, memory_of
from inventory_core.stores.session import ClockPart, Part, Session
from inventory_core.stores.sql import PostgresqlStore
from inventory_core.stores.sql.service_schema import ServiceSchema
from inventory_core.strategy import Needs, registry


@dataclass(frozen=True, slots=True)
class ServiceAddress:
    """Where a service keeps its stock, and which strategies may be its engines.

    A `Problem` if an engine needs keys and there is no URL for them.
    """

    sql_url: str = field(repr=False)
    schema: str = "stockproof_service"
    kv_url: str = field(default="", repr=False)
    kv_prefix: str = "stockproof_service:"
    engines: tuple[str, ...] = ("conditional_update",)

    def __post_init__(self) -> None:
        for engine in self.engines:
            needs = registry.find_strategy(engine).needs
            if Needs.KV in needs and not self.kv_url:
                raise Problem(f"the engine {engine} needs Redis or Valkey: give a Redis URL.")

    def prefix_of(self, engine: str) -> str:
        """Where the keys of an engine begin."""
        return f"{self.kv_prefix}{engine}:"

    @property
    def engines_with_keys(self) -> tuple[str, ...]:
        """The engines that keep anything in keys."""
        kinds = {name: registry.find_strategy(name) for name in self.engines}
        return tuple(name for name, kind in kinds.items() if Needs.KV in kind.needs)

    @property
    def engines_that_watch(self) -> tuple[str, ...]:
        """Those that need a connection of their own for their keys."""
        kinds = {name: registry.find_strategy(name) for name in self.engines_with_keys}
        return tuple(name for name, kind in kinds.items() if Needs.KV_SESSION in kind.needs)


class ServiceSession(Session):
    """A session whose engines have keys of their own."""

    def __init__(self, parts: Sequence[Part], engines: dict[str, Part]) -> None:
        super().__init__([*parts, *engines.values()])
        self._of_engine = {name: Session([*parts, part]) for name, part in engines.items()}
        self._shared = Session(parts)
        self._handlers = {**dict(self._shared._handlers), OnEngine: self._on_engine}

    def _on_engine(self, step: OnEngine) -> object:
        return self._of_engine.get(step.engine, self._shared).perform(step.step)


def connect_service(
    address: ServiceAddress, limits: Limits | None = None, seed: int | str = 0
) -> Session:
    """A blocking session on the stores at an address; a `Problem` if there are none."""
    bounds = limits or Limits()
    parts: list[Part] = [PostgresqlStore(address.sql_url, address.schema).connect(bounds)]
    engines: dict[str, Part] = {}
    try:
        for engine in address.engines_with_keys:
            engines[engine] = RedisPart(address.kv_url, address.prefix_of(engine), bounds)
    except BaseException as error:
        for part in (*parts, *engines.values()):
            part.close()
        if isinstance(error, ConnectionLost):
            said = f"Redis does not answer: {error}; start it, or change its URL."
            raise Problem(said) from error
        raise
    parts.append(MemoryPart(memory_of(address), bounds))
    return ServiceSession([*parts, ClockPart(seed)], engines)


@dataclass(frozen=True)
class ServiceStores:
    """The stores at an address: made, emptied, removed, connected to."""

    address: ServiceAddress

    def create(self) -> None:
        """Make what is missing, from nothing or from an older version; several may at once."""
        self._schema.migrate()
        for store in self._keys:
            store.claim()  # the stock of a service that was started before lies there

    def check(self) -> None:
        """A `Problem` unless the tables are those that this version needs."""
        self._schema.check()

    def clear(self) -> None:
        """Empty tables and keys."""
        self._schema.clear()
        for store in self._keys:
            store.clear()

    def remove(self) -> None:
        """Remove what `create` made."""
        self._schema.remove()
        for store in self._keys:
            store.remove()

    def connect(self, limits: Limits | None = None, seed: int | str = 0) -> Session:
        """A blocking session."""
        return connect_service(self.address, limits, seed)

    @property
    def _schema(self) -> ServiceSchema:
        return ServiceSchema(self.address.sql_url, self.address.schema)

    @property
    def _keys(self) -> tuple[RedisStore, ...]:
        prefixes = [self.address.prefix_of(one) for one in self.address.engines_with_keys]
        return tuple(RedisStore(self.address.kv_url, prefix) for prefix in prefixes)


@contextmanager
def open_service(address: ServiceAddress) -> Iterator[ServiceStores]:
    """The stores at an address, for as long as the block lasts."""
    yield ServiceStores(address)
