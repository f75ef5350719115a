"""Faults that a live run brings about: declared beside the load, or asked for on the command line.

    [[fault]]
    kind = "server_killed"
    at_s = 2

    stockproof measure flash_sale --fault client_dies --fault reply_lost,share=0.05

Their names are those of the explorer (`Fault`). Some befall a share of what buyers send
(`client_dies`, `reply_lost`); the others strike at moments: a server is killed and started again on
its data (`server_killed`), loses what was not yet flushed as well (`power_lost`), or a process that
may hold locks stands still for longer than its lease (`holder_paused`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

from inventory_core.problems import Problem
from inventory_core.strategy import Fault
from scenarios.reading_toml import Place, fill, one_of, read_value, within

SHARED = frozenset({Fault.CLIENT_DIES, Fault.REPLY_LOST})
"""Faults of a share of what buyers send."""

CRASHES = frozenset({Fault.SERVER_KILLED, Fault.POWER_LOST})
"""Faults after which a server starts again on the data that it has."""

KINDS = (
    Fault.CLIENT_DIES,
    Fault.REPLY_LOST,
    Fault.SERVER_KILLED,
    Fault.POWER_LOST,
    Fault.HOLDER_PAUSED,
)
"""What a live run can bring about."""

_OWN_KEYS = {
    Fault.CLIENT_DIES: ("share", "for_s", "stay_away", "late_s", "node"),
    Fault.REPLY_LOST: ("share", "for_s", "late_s"),
    Fault.SERVER_KILLED: ("every_s", "server", "down_s", "back_within_s"),
    Fault.POWER_LOST: ("every_s", "server", "down_s", "back_within_s"),
    Fault.HOLDER_PAUSED: ("every_s", "pause_s", "lease_ms", "back_within_s"),
}


@dataclass(frozen=True, slots=True)
class LiveFault:
    """One fault of a scenario. Seconds count from the start of the run."""

    kind: str = one_of(*(kind.value for kind in KINDS))
    at_s: float = within(0.0, 0, 86_400)  # when; 0: from the start, or after a third of the run
    every_s: float = within(0.0, 0, 86_400)  # and again; 0: once
    share: float = within(0.02, 0, 1)  # of the attempts that buyers make
    for_s: float = within(0.0, 0, 86_400)  # so long; 0: to the end
    stay_away: float = within(0.0, 0, 1)  # of dead clients: their order is never sent again
    node: int = within(0, 0, 64)  # all buyers of this process die, for good; 0: a share of all
    late_s: float = within(0.05, 0, 10)  # a request that comes after its client gave up: so late
    server: str = one_of("all", "postgresql", "valkey", "mariadb")  # of those that it has
    down_s: float = within(0.2, 0, 60)  # before it is started again
    pause_s: float = within(0.0, 0, 600)  # 0: one and a half leases
    lease_ms: int = within(0, 0, 60_000)  # of every lock in this run; 0: the strategies' own
    back_within_s: float = within(5.0, 0.1, 600)  # goodput must be back so soon after the fault

    @property
    def fault(self) -> Fault:
        """What it is, in the vocabulary of the promises."""
        return Fault(self.kind)

    def moments_s(self, seconds: float) -> Iterator[float]:
        """When it strikes in a run of so many seconds."""
        at_s = self.at_s or self.every_s or seconds / 3
        while at_s < seconds:
            yield at_s
            if not self.every_s:
                return
            at_s += self.every_s

    def befalls(self, node: int, since_start_s: float) -> float:
        """The share of attempts that a fault of buyers strikes on a node (from 1), at a time."""
        if not self.lasts(since_start_s):
            return 0.0
        if not self.node:
            return self.share
        return 1.0 if self.node == node else 0.0

    def lasts(self, since_start_s: float) -> bool:
        """Of a fault that befalls a share of attempts: does it, so long after the start?"""
        return since_start_s >= self.at_s and (
            not self.for_s or since_start_s < self.at_s + self.for_s
        )


def read_faults(tables: Any, spoken: Sequence[str], file: str) -> tuple[LiveFault, ...]:
    """The faults of a file's `[[fault]]` tables, and those asked for on the command line."""
    if not isinstance(tables, list):
        raise Problem(f"{file}: fault must be a list of tables; write [[fault]]")
    found = [_read(table, Place(file, f"fault {n}")) for n, table in enumerate(tables, 1)]
    found += [_read(_spoken(words), Place("--fault", words)) for words in spoken]
    return tuple(found)


def _read(table: Any, place: Place) -> LiveFault:
    fault = fill(LiveFault, table, place)
    if "kind" not in table:
        kinds = ", ".join(kind.value for kind in KINDS)
        raise place.problem("kind", f"is missing; write one of {kinds}")
    for key in table:
        if key not in ("kind", "at_s", *_OWN_KEYS[fault.fault]):
            own = ", ".join(("at_s", *_OWN_KEYS[fault.fault]))
            raise place.problem(key, f"means nothing to {fault.kind}; it has {own}")
    return fault


def _spoken(words: str) -> dict[str, Any]:
    """`client_dies,share=0.05` as a table."""
    kind, *settings = words.split(",")
    table: dict[str, Any] = {"kind": kind.strip()}
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals or not key.strip():
            raise Problem(f"--fault {words}: {setting!r} sets nothing; write KIND,KEY=VALUE")
        table[key.strip()] = read_value(text.strip())
    return table


assert set(_OWN_KEYS) == set(KINDS)
assert {key for keys in _OWN_KEYS.values() for key in keys} <= {f.name for f in fields(LiveFault)}
