"""Everything a multiplexed driver talks to: the stores of a stack, on one loop.

rows     a pool of lines, of PostgreSQL or MariaDB
keys     a few channels on which everybody asks at once; a pool of lines for what watches
memory   of this process
clock    time, dice and ids
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from inventory_core.domain import Limits
from inventory_core.drivers.lines import Line, Lines
from inventory_core.drivers.multiplexed import PENDING, Multiplexer, Performer, Running
from inventory_core.steps import clock, kv, mailbox
from inventory_core.steps.errors import ConnectionLost
from inventory_core.steps.mailbox import Seat
from inventory_core.steps.step import Step
from inventory_core.stores.addresses import Address
from inventory_core.stores.kv.channel import KvChannel
from inventory_core.stores.kv.line import KvLine
from inventory_core.stores.kv.plug import Plug
from inventory_core.stores.mariadb.address import is_mariadb
from inventory_core.stores.mariadb.line import MariadbLine
from inventory_core.stores.memory import Memory, memory_of
from inventory_core.stores.null import NullPart
from inventory_core.stores.session import ClockPart
from inventory_core.stores.sql.connecting import silence_most_s
from inventory_core.stores.sql.line import PostgresqlLine
from inventory_core.stores.sql.schema import Schema


@dataclass(frozen=True, slots=True)
class Width:
    """How many connections: to rows; to keys, of one plan each; and else to keys, of all plans."""

    rows: int
    watching: int = 0
    keys: int = 1


def connected(
    loop: Multiplexer, address: Address, limits: Limits, width: Width, seed: int | str = 0
) -> ExitStack:
    """Connect, and tell the loop who performs what; what is answered hangs up when it is closed."""
    with ExitStack() as life:
        if address.stack == "null":
            loop.at_once(NullPart().handlers)
            return life.pop_all()
        part = ClockPart(seed)
        known: tuple[type[Step[Any]], ...] = (clock.Now, clock.Draw, clock.NewId)
        loop.at_once({kind: part.handlers[kind] for kind in known})
        loop.pauses(part.pause_s)
        loop.performers.update(remembering(loop, memory_of(address)))
        if address.kv_url:
            performer = _keys(loop, address, limits, width, life)
            loop.performers.update(dict.fromkeys(kv.KINDS, performer))
        if address.sql_url:
            made = _lines(lambda: _row_line(address, limits), width.rows, life)
            rows = Lines(loop, made, silence_most_s(limits))
            loop.performers[Step] = rows.perform  # everything that nobody else performs
        return life.pop_all()
    raise AssertionError("unreachable")


def _row_line(address: Address, limits: Limits) -> Line:
    if is_mariadb(address.sql_url):
        return MariadbLine(address.sql_url, address.sql_schema, limits)
    return PostgresqlLine(Schema(address.sql_url, address.sql_schema), limits)


def _keys(
    loop: Multiplexer, address: Address, limits: Limits, width: Width, life: ExitStack
) -> Performer:
    url, prefix = address.kv_url, address.kv_prefix
    if width.watching:
        made = _lines(lambda: KvLine(url, prefix, limits), width.watching, life)
        return Lines(loop, made, limits.lock_wait_s * 2).perform
    channels = []
    for _ in range(width.keys):
        channels.append(KvChannel(loop, Plug(url, limits), prefix))
        life.callback(channels[-1].close)
    if len(channels) == 1:
        return channels[0].perform
    return lambda running, step: channels[id(running) // 64 % len(channels)].perform(running, step)


def _lines(connect: Callable[[], Line], count: int, life: ExitStack) -> list[Line]:
    lines = []
    for _ in range(count):
        lines.append(connect())
        life.callback(lines[-1].close)
    return lines


def remembering(loop: Multiplexer, memory: Memory) -> dict[type[Step[Any]], Performer]:
    """How the memory of this process performs its steps for plans that never wait."""

    def join(running: Running, step: mailbox.Join) -> Any:
        def told(seat: Seat | None) -> None:
            lost = ConnectionLost("who led the group is gone") if seat is None else None
            loop.resume(running, seat, lost)

        memory.join(step, told)
        return PENDING

    def reply(_: Running, step: mailbox.Reply) -> None:
        memory.reply(step.queue, step.ticket, step.answers)

    def fail(_: Running, step: mailbox.Fail) -> None:
        memory.reply(step.queue, step.ticket, None)

    return {mailbox.Join: join, mailbox.Reply: reply, mailbox.Fail: fail}
