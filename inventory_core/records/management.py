"""Who did what, who may, and how counts came in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar


class Role(Enum):
    """What a key may do: look, work, or rule. Each may do all that the one before it may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"

    def includes(self, other: Role) -> bool:
        """May it do what `other` may?"""
        order = list(Role)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of the API, kept as a hash of its secret only."""

    KEY: ClassVar[tuple[str, ...]] = ("key_id",)

    key_id: str  # the part before the dot, by which it is found
    digest: str  # of the secret, with its salt
    name: str
    role: Role
    created_ms: int
    revoked_ms: int = 0


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the audit log: who did what to which subject."""

    KEY: ClassVar[tuple[str, ...]] = ("act_id",)

    act_id: str
    at_ms: int
    who: str
    what: str
    subject: str
    detail: str  # JSON


class SyncState(Enum):
    """How far a synchronisation is."""

    STAGING = "staging"  # pages arrive; nothing is changed
    APPLYING = "applying"  # every page is here; counts are applied in batches
    DONE = "done"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class SyncRun:
    """One synchronisation of a warehouse's counts: a full one, or of one article."""

    KEY: ClassVar[tuple[str, ...]] = ("run",)

    run: str
    warehouse: str
    sku: str  # empty: a full one
    state: SyncState
    started_ms: int
    ended_ms: int = 0
    pages: int = 0
    staged: int = 0
    applied: int = 0
    changed: int = 0
    stale: int = 0  # older than what was known
    absent: int = 0  # articles that we know and the warehouse did not name: left alone, reported
    reason: str = ""  # why it was abandoned


@dataclass(frozen=True, slots=True)
class StagedCount:
    """A count as a page brought it. It holds up to the warehouse's movement `through`."""

    KEY: ClassVar[tuple[str, ...]] = ("run", "sku")

    run: str
    sku: str
    quantity: int
    through: int
    applied: bool = False


@dataclass(frozen=True, slots=True)
class FeedMark:
    """How far a warehouse's movement feed has been read: every movement up to it is recorded.

    It cannot be told from the movements: those that a shipment confirmed come before their turn.
    """

    KEY: ClassVar[tuple[str, ...]] = ("warehouse",)

    warehouse: str
    read_through: int = 0
