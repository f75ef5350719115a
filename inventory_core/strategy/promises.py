"""What a strategy needs, promises, and survives: closed vocabularies that the proof holds it to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, Flag, auto
from types import MappingProxyType


class Needs(Flag):
    """What a stack must offer before a strategy can run on it."""

    NOTHING = 0
    SQL = auto()
    KV = auto()
    KV_SESSION = auto()  # a connection of its own (WATCH, blocking reads)
    LOCAL = auto()  # memory of the process

    @property
    def of_stores(self) -> Needs:
        """What stores must offer: memory of the process is everywhere."""
        return self & ~Needs.LOCAL

    @property
    def words(self) -> tuple[str, ...]:
        """The needs by name, for lists and messages."""
        return tuple(str(need.name).lower() for need in Needs if need in self)


class Promise(Enum):
    """The closed vocabulary of promises (numbers: the checks of the correctness page)."""

    NEVER_OVERSELLS = "never oversells"  # 1
    EXACTLY_ONCE = "exactly once"  # 5, 11
    ALL_OR_NOTHING = "all or nothing"  # 3, 4
    NO_FALSE_SOLD_OUT = "no false sold-out"  # 6
    LEAVES_NOTHING_BEHIND = "leaves nothing behind"  # 2, after recovery
    LINEARIZABLE = "linearizable"  # 7


class Fault(Enum):
    """What can go wrong, with the same names in every world."""

    CLIENT_DIES = "client_dies"
    REPLY_LOST = "reply_lost"
    SERVER_KILLED = "server_killed"
    POWER_LOST = "power_lost"
    HOLDER_PAUSED = "holder_paused"
    LATENCY_ADDED = "latency_added"
    CONNECTION_CUT = "connection_cut"
    PARTITION = "partition"
    FAILOVER_WITH_LAG = "failover_with_lag"
    DUPLICATE_DELIVERY = "duplicate_delivery"
    REORDERED_DELIVERY = "reordered_delivery"
    CONSUMER_STOPPED = "consumer_stopped"
    CLOCK_JUMP = "clock_jump"
    POOL_EXHAUSTED = "pool_exhausted"
    DISK_FULL = "disk_full"


ALL = frozenset(Promise)
"""Every promise that there is."""

CLIENT_FAULTS = frozenset({Fault.CLIENT_DIES, Fault.REPLY_LOST, Fault.DUPLICATE_DELIVERY})
"""The faults of the client's side, which the explorer can bring anywhere."""

UNFLUSHED: Mapping[Fault, str] = MappingProxyType(
    {
        Fault.POWER_LOST: "what was not yet flushed: about 1 s with appendfsync everysec",
        Fault.FAILOVER_WITH_LAG: "what the replica had not yet received",
    }
)
"""What is lost of a truth that lies in Redis alone."""

_NO_LOSS: Mapping[Fault, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Promises:
    """What a strategy answers for.

    `settles_within_s`: 0 when every store is right at once; otherwise the seconds after which,
    at rest and with its daemons running, they agree, however much waited when the sale ended.
    `survives`: faults under which every kept promise still stands. `loses`: faults under which
    acknowledged work may be lost, and how much.
    """

    kept: frozenset[Promise] = ALL
    survives: frozenset[Fault] = CLIENT_FAULTS
    loses: Mapping[Fault, str] = field(default_factory=lambda: _NO_LOSS)
    settles_within_s: float = 0.0

    @property
    def words(self) -> tuple[str, ...]:
        """The kept promises by name, in the vocabulary's order, and when the stores agree."""
        settles = f"settles within {self.settles_within_s:g} s"
        when = settles if self.settles_within_s else "right at once"
        return (*(p.value for p in Promise if p in self.kept), when)
