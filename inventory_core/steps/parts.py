"""Steps on counters that lie in several keys: a hot article spread over the slots of a Cluster.

    part:N:SKU@PLACE   a whole number, never below zero
    scattered          sorted set of the cells that lie in parts: SKU@PLACE

Only `TakePart`, the step of every order, keeps to one part (and to notes about its own order, see
`taking`); what the warehouse does with a cell looks at all of its parts at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from inventory_core.domain.outcomes import Outcome
from inventory_core.domain.stock import Cell, Opening
from inventory_core.steps.kv import Raw, Script, part_key
from inventory_core.steps.taking import MARKS, TAKINGS

SCATTERED = "scattered"


def _part_keys(cell: Cell, parts: int) -> tuple[str, ...]:
    return tuple(part_key(cell, part) for part in range(parts))


class _Number(Script[int]):
    """A script that answers a whole number."""

    __slots__ = ()

    def decode(self, raw: Raw) -> int:
        assert isinstance(raw, int)
        return raw


@dataclass(frozen=True, slots=True)
class OpenParts(_Number):
    """Create cells in so many parts each, with their journal entries."""

    openings: tuple[Opening, ...]
    parts: int
    file: ClassVar[str] = "open_parts"

    def keys(self) -> tuple[str, ...]:
        keys = [key for each in self.openings for key in _part_keys(each.cell, self.parts)]
        return ("journal", SCATTERED, *keys)

    def arguments(self) -> tuple[str | int, ...]:
        return (self.parts, *[x for o in self.openings for x in (str(o.cell), o.quantity)])


@dataclass(frozen=True, slots=True)
class TakePart(_Number):
    """Take as much as the part has, up to `wanted`, and mark it; answers how much (0: empty)."""

    order_number: str
    token: str
    cell: Cell
    part: int
    wanted: int
    file: ClassVar[str] = "take_part"

    def keys(self) -> tuple[str, ...]:
        marks = f"{MARKS}{self.order_number}\n{self.token}"
        return (part_key(self.cell, self.part), marks, TAKINGS)

    def arguments(self) -> tuple[str | int, ...]:
        return (self.order_number, self.token, self.wanted)


@dataclass(frozen=True, slots=True)
class AdjustParts(Script[Outcome]):
    """Change a cell under an idempotency key: adjusted, already_adjusted or refused."""

    key: str
    cell: Cell
    delta: int
    parts: int
    file: ClassVar[str] = "adjust_parts"

    def keys(self) -> tuple[str, ...]:
        return ("journal", *_part_keys(self.cell, self.parts))

    def arguments(self) -> tuple[str | int, ...]:
        return (self.key, self.delta, str(self.cell))

    def decode(self, raw: Raw) -> Outcome:
        return Outcome(raw)


@dataclass(frozen=True, slots=True)
class DrainParts(_Number):
    """Take everything that is left in a cell, once per key; later calls answer the same number."""

    key: str
    cell: Cell
    parts: int
    file: ClassVar[str] = "drain_parts"

    def keys(self) -> tuple[str, ...]:
        return ("journal", *_part_keys(self.cell, self.parts))

    def arguments(self) -> tuple[str | int, ...]:
        return (self.key, str(self.cell))


@dataclass(frozen=True, slots=True)
class ReadParts(Script[tuple[int, ...]]):
    """Units of several cells, added up, in the order asked; unknown cells have 0."""

    cells: tuple[Cell, ...]
    parts: int
    file: ClassVar[str] = "read_cells"

    def keys(self) -> tuple[str, ...]:
        return tuple(key for cell in self.cells for key in _part_keys(cell, self.parts))

    def arguments(self) -> tuple[str | int, ...]:
        return ()

    def decode(self, raw: Raw) -> tuple[int, ...]:
        assert isinstance(raw, list)
        units = [int(each) for each in raw]
        return tuple(sum(units[n : n + self.parts]) for n in range(0, len(units), self.parts))


@dataclass(frozen=True, slots=True)
class LevelParts(_Number):
    """Deal out anew what lies unevenly, of so many cells; answers of how many."""

    parts: int
    limit: int
    file: ClassVar[str] = "level_parts"

    def keys(self) -> tuple[str, ...]:
        return (SCATTERED, "part:")

    def arguments(self) -> tuple[str | int, ...]:
        return (self.parts, self.limit)
