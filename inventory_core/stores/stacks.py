"""Stacks: named sets of stores that plans can run on, and who fits which.

null                 nothing: the floor of the harness
model                the stores as pure state (enrolled by the package that has it)
postgresql           rows
redis                keys
postgresql+redis     both
mariadb              rows, in the other database
mariadb+redis        both
rediscluster         keys on several servers, those of one shop together
postgresql+rediscluster
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from inventory_core.domain import Limits
from inventory_core.problems import Problem
from inventory_core.stores.addresses import Address
from inventory_core.stores.databases import database_of, row_store
from inventory_core.stores.kv import RedisPart
from inventory_core.stores.mariadb.address import SCHEMES
from inventory_core.stores.memory import MemoryPart, memory_of
from inventory_core.stores.null import NullPart
from inventory_core.stores.session import ClockPart, Part, Session
from inventory_core.strategy import Needs, Strategy


@dataclass(frozen=True, slots=True)
class Stack:
    """A set of stores by name. `live`: its stores are servers."""

    name: str
    offers: Needs
    live: bool = True
    about: str = ""

    def fits(self, strategy: type[Strategy], name: str) -> str:
        """Empty if the strategy can run here; otherwise the sentence why not."""
        if self.name == "null" or strategy.needs.of_stores in self.offers:
            return ""
        needs, offers = " and ".join(strategy.needs.words), " and ".join(self.offers.words)
        return f"{name} needs {needs}, and the stack {self.name} offers {offers or 'nothing'}"


_KV = Needs.KV | Needs.KV_SESSION
_STACKS = {
    stack.name: stack
    for stack in (
        Stack("null", Needs.NOTHING, live=False, about="answers at once: the harness floor"),
        Stack("postgresql", Needs.SQL, about="rows in PostgreSQL"),
        Stack("redis", _KV, about="keys in Redis or Valkey"),
        Stack("postgresql+redis", Needs.SQL | _KV, about="rows and keys"),
        Stack("mariadb", Needs.SQL, about="rows in MariaDB"),
        Stack("mariadb+redis", Needs.SQL | _KV, about="rows in MariaDB, and keys"),
        Stack("rediscluster", _KV, about="keys in a Redis or Valkey cluster"),
        Stack("postgresql+rediscluster", Needs.SQL | _KV, about="rows, and keys in a cluster"),
    )
}


def servers_of(stack: Stack) -> dict[Needs, str]:
    """What the server for each need of a stack is called."""
    rows = "mariadb" if stack.name.startswith("mariadb") else "postgresql"
    keys = "valkey-cluster" if stack.name.endswith("rediscluster") else "valkey"
    named = {Needs.SQL: rows, Needs.KV: keys}
    return {need: name for need, name in named.items() if stack.live and need in stack.offers}


def stacks() -> dict[str, Stack]:
    """Every stack by name."""
    return dict(_STACKS)


def enrol(stack: Stack) -> None:
    """Add a stack that lives outside this package."""
    _STACKS[stack.name] = stack


def find_stack(name: str) -> Stack:
    """A stack by its name."""
    try:
        return _STACKS[name]
    except KeyError:
        raise Problem(f"there is no stack {name!r}; choose among {', '.join(_STACKS)}") from None


def on_database(stack: Stack, sql_url: str) -> Stack:
    """The same stack with its rows where the URL leads; an empty URL changes nothing."""
    if not sql_url or not stack.live or Needs.SQL not in stack.offers:
        return stack
    _, plus, keys = stack.name.partition("+")
    return _STACKS.get(f"{database_of(sql_url)}{plus}{keys}", stack)


def on_cluster(stack: Stack) -> Stack:
    """The same stack with its keys in a cluster, if there is one; else itself."""
    return _STACKS.get(f"{stack.name}cluster", stack)


def stack_for(strategy: type[Strategy], sql_url: str = "") -> Stack:
    """The smallest stack of servers that offers what the strategy needs, its rows at the URL."""
    if strategy.needs is Needs.NOTHING:
        return _STACKS["null"]
    for stack in _STACKS.values():
        if stack.live and strategy.needs.of_stores in stack.offers:
            return on_database(stack, sql_url)
    raise Problem(f"no stack offers {' and '.join(strategy.needs.words)}")


def stacks_for(
    strategy: type[Strategy], sql_url: str = "", redis_url: str = ""
) -> tuple[Stack, ...]:
    """`stack_for` on every server there is; of a kind that has a URL, on the one it leads to."""
    smallest = stack_for(strategy, sql_url)
    found = [smallest]
    if not sql_url:
        found += [on_database(smallest, f"{scheme}://") for scheme in SCHEMES]
    if not redis_url:
        found.append(on_cluster(smallest))
    return tuple(dict.fromkeys(found))


def connect(address: Address, limits: Limits, seed: int | str = 0) -> Session:
    """A session on the stores at an address, with dice that follow from `seed`."""
    if address.stack == "null":
        return Session([NullPart()])
    parts: list[Part] = []
    openers: list[Callable[[], Part]] = []
    if address.sql_url:
        openers.append(lambda: row_store(address.sql_url, address.sql_schema).connect(limits))
    if address.kv_url:
        openers.append(lambda: RedisPart(address.kv_url, address.kv_prefix, limits))
    try:
        parts.extend(opener() for opener in openers)
    except BaseException:
        for part in parts:
            part.close()
        raise
    return Session([*parts, MemoryPart(memory_of(address), limits), ClockPart(seed)])
