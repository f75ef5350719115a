"""Rows that strategies keep beside the five tables of `steps.sql`: units elsewhere, fences.

A kind whose rows count units names the cell (`sku`, `place`), and says in `UNITS` which fields do,
and with which sign. The auditor adds them to the cell's own counter: at rest, for every cell,

    cell.sellable + the units of these rows = its journal - what orders own

Fields are general on purpose, so that a strategy finds a kind that fits and needs no table of its
own. What they mean to a strategy, its own docstring says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

Units = tuple[tuple[str, int], ...]
"""Fields that count units, each with the sign by which it counts."""


@dataclass(frozen=True, slots=True)
class Part:
    """One of several counters of a cell: a split row, a bucket, the pool behind the buckets."""

    KEY: ClassVar[tuple[str, ...]] = ("sku", "place", "part")
    UNITS: ClassVar[Units] = (("units", 1),)

    sku: str
    place: str
    part: int
    units: int
    epoch: int = 0  # raised whenever the part changes hands


@dataclass(frozen=True, slots=True)
class StockUnit:
    """One unit: free (1), or owned (0) by an order."""

    KEY: ClassVar[tuple[str, ...]] = ("sku", "place", "unit")
    UNITS: ClassVar[Units] = (("free", 1),)

    sku: str
    place: str
    unit: int
    free: int
    owner: str = ""
    generation: int = 0


@dataclass(frozen=True, slots=True)
class Claim:
    """What an order or a correction has claimed of a cell, not yet settled into its counter."""

    KEY: ClassVar[tuple[str, ...]] = ("sku", "place", "owner", "generation")
    UNITS: ClassVar[Units] = (("pending", -1),)

    sku: str
    place: str
    owner: str
    generation: int
    pending: int  # units that the counter does not know of yet
    at_ms: int = 0


@dataclass(frozen=True, slots=True)
class Account:
    """A cell as an account: what is there, how much of it is reserved, what has been posted."""

    KEY: ClassVar[tuple[str, ...]] = ("sku", "place")
    UNITS: ClassVar[Units] = (("credits", 1), ("pending", -1))

    sku: str
    place: str
    credits: int
    pending: int = 0  # of the credits
    posted: int = 0  # no longer among the credits


@dataclass(frozen=True, slots=True)
class Quota:
    """Units of a cell that are leased to a node until a moment; those spent are no longer here."""

    KEY: ClassVar[tuple[str, ...]] = ("sku", "place", "node")
    UNITS: ClassVar[Units] = (("units", 1),)

    sku: str
    place: str
    node: str
    units: int
    epoch: int
    due_ms: int


@dataclass(frozen=True, slots=True)
class Message:
    """Something that one process leaves for another: an event to publish, an order to work off."""

    KEY: ClassVar[tuple[str, ...]] = ("queue", "message_key")

    queue: str
    message_key: str
    at_ms: int
    body: tuple[str | int, ...] = ()
    done: bool = False
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Fence:
    """Who may write, and until when: an epoch that only grows, checked where it is written."""

    KEY: ClassVar[tuple[str, ...]] = ("name",)

    name: str
    epoch: int
    holder: str = ""
    due_ms: int = 0


ENGINE_RECORDS = (Account, Claim, Fence, Message, Part, Quota, StockUnit)
"""Every kind of row that a strategy may keep: each is a table."""

COUNTED = tuple(kind for kind in ENGINE_RECORDS if hasattr(kind, "UNITS"))
"""Those that count units of a cell."""
