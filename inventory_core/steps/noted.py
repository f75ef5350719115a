"""Steps on keys that leave a note of what they changed, for whoever copies it to the rows.

    changed            sorted set of notes: "order NUMBER" and "entry KEY"

The note is left in the step that changes, so no death of a client lies between the two. It says
only that something changed: who copies reads what is there now, and a note goes when what was
copied is still so. An order never comes back to a state of the same generation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from inventory_core.steps import kv
from inventory_core.steps.kv import Raw, Script, order_key
from inventory_core.steps.telling import ORDER, Stand, Telling, stand

CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Noted(Telling):
    """Another script, and a note of what it was about, in one step; answers as that script."""

    outer: ClassVar[str] = "noting"
    told_in: ClassVar[str] = CHANGED


@dataclass(frozen=True, slots=True)
class ReadStand(Script[Stand | None]):
    """An order as it stands; None if it is unknown."""

    order_number: str
    file: ClassVar[str] = "read_hold"

    def keys(self) -> tuple[str, ...]:
        return (order_key(self.order_number),)

    def arguments(self) -> tuple[str | int, ...]:
        return ()

    def decode(self, raw: Raw) -> Stand | None:
        assert isinstance(raw, list)
        if not raw:
            return None
        return stand(self.order_number, *raw)


@dataclass(frozen=True, slots=True)
class ReadEntry(Script[kv.Entry | None]):
    """An entry of the journal; None if there is none."""

    key: str
    file: ClassVar[str] = "read_entry"

    def keys(self) -> tuple[str, ...]:
        return ("journal",)

    def arguments(self) -> tuple[str | int, ...]:
        return (self.key,)

    def decode(self, raw: Raw) -> kv.Entry | None:
        assert isinstance(raw, list)
        return kv.Entry(self.key, kv.parse_cell(raw[1]), int(raw[0])) if raw else None


@dataclass(frozen=True, slots=True)
class ReadChanged(Script[tuple[str, ...]]):
    """So many notes, from a place on."""

    limit: int
    start: int = 0
    file: ClassVar[str] = "read_changed"

    def keys(self) -> tuple[str, ...]:
        return (CHANGED,)

    def arguments(self) -> tuple[str | int, ...]:
        return (self.start, self.limit)

    def decode(self, raw: Raw) -> tuple[str, ...]:
        assert isinstance(raw, list)
        return tuple(raw)


@dataclass(frozen=True, slots=True)
class Copied(Script[bool]):
    """Take a note off the list; of an order only if it still stands as it was copied."""

    note: str
    stand: Stand | None = None
    file: ClassVar[str] = "copied"

    def keys(self) -> tuple[str, ...]:
        return (CHANGED, order_key(self.note.removeprefix(ORDER)))

    def arguments(self) -> tuple[str | int, ...]:
        if self.stand is None:
            return (self.note, "", "")
        return (self.note, self.stand.state.value, self.stand.generation)

    def decode(self, raw: Raw) -> bool:
        return raw == 1
