"""What each kind of step costs in a profile, looked up once a kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any, cast

from inventory_core.domain import Order
from inventory_core.steps import clock, kv, mailbox, rows, sql
from inventory_core.steps.step import Step
from scenarios.predicting.profile import Profile

US = 1e-6
_CLOCK = (clock.Now, clock.Sleep, clock.BackOff, clock.Draw, clock.NewId)


class Where(Enum):
    """Who performs a step."""

    SQL = "sql"
    KV = "kv"
    MAILBOX = "mailbox"
    CLOCK = "clock"
    BEGIN = "begin"


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of processor time. `rows`: what a step of many rows has beside its first.

    `crowded`: how many times as long it takes the client on processors that are busy.
    """

    where: Where
    client_s: float = 0.0
    server_s: float = 0.0
    row_s: float = 0.0
    client_row_s: float = 0.0
    rows: Callable[[Any], int] | None = None
    ends: bool = False  # a transaction
    crowded: float = 1.0
    server_crowded: float = 1.0


class Costs(dict[type[Step[Any]], Cost]):
    """The costs of a profile, by kind of step; each is looked up when it is first asked for."""

    def __init__(self, profile: Profile) -> None:
        super().__init__()
        self._profile = profile

    def __missing__(self, kind: type[Step[Any]]) -> Cost:
        found = self[kind] = self._made(kind)
        return found

    def _made(self, kind: type[Step[Any]]) -> Cost:
        profile = self._profile
        if kind is sql.Begin:
            return Cost(Where.BEGIN)
        if issubclass(kind, _CLOCK):
            return Cost(Where.CLOCK)
        if issubclass(kind, mailbox.KINDS):
            return Cost(Where.MAILBOX, profile.client.member_us * US)
        many, sent_s = rows_in(kind), profile.client.row_us * US
        if issubclass(kind, (*kv.KINDS,)):
            alone_us = profile.kv_steps.get(kind.__name__, profile.kv.command_us)
            client_s, row_s = profile.client.kv_us * US, profile.kv.row_us * US
            saves_us = profile.kv.awake_saves_us
            return Cost(
                Where.KV, client_s, alone_us * US, row_s, sent_s, many,
                crowded=_without(saves_us, profile.client.kv_us),
                server_crowded=_without(saves_us, alone_us),
            )  # fmt: skip
        ends = kind in (sql.Commit, sql.Rollback)
        otherwise_us = profile.sql.commit_us if ends else profile.sql.statement_us
        alone_us = profile.sql_steps.get(kind.__name__, otherwise_us)
        client_s, row_s = profile.client.sql_us * US, profile.sql.row_us * US
        crowded = profile.sql.crowded
        return Cost(Where.SQL, client_s, alone_us * US, row_s, sent_s, many, ends, crowded, crowded)


def _without(saves_us: float, work_us: float) -> float:
    """How many times as long work takes that is spared something; never less than a fifth."""
    return max(0.2, 1 - saves_us / work_us) if work_us else 1.0


def rows_in(kind: type[Step[Any]]) -> Callable[[Any], int] | None:
    """How many rows a step of this kind has beside its first, if it ever has more."""
    types = {field.name: str(field.type) for field in fields(cast("Any", kind))}
    many = [name for name, said in types.items() if said.startswith(("tuple", "frozenset"))]
    if kind.__module__ == rows.__name__:  # conditions and changes are no rows
        many = [name for name in many if name == "rows"]
    orders = [name for name, said in types.items() if said == "Order"]
    if not many and orders == ["order"]:
        return _lines_beside_first
    if not many and not orders:
        return None

    def counted(step: Any) -> int:
        found = sum(len(getattr(step, name).lines) for name in orders)
        for name in many:
            found += sum(
                len(x.lines) if isinstance(x, Order) else 1 for x in getattr(step, name) or ()
            )
        return max(0, found - 1)

    return counted


def _lines_beside_first(step: Any) -> int:
    return len(step.order.lines) - 1
