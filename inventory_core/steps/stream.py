"""Steps on keys that append what they changed to a stream, and those of its consumers.

    changes   stream: what ("order NUMBER" or "entry KEY"), how it stands now, body
              its group `writers` knows which entries were handed out and not yet acknowledged

The entry is appended in the step that changes, so no death of a client lies between the two. An
entry that was handed out and not acknowledged for long is handed out again: two consumers may have
it at once, and only the rows can say which of them comes too late.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from inventory_core.steps import kv
from inventory_core.steps.kv import Raw, Script
from inventory_core.steps.telling import ENTRY, ORDER, Stand, Telling, stand

CHANGES = "changes"
BEGINNING = "0-0"
"""Where the entries begin that were handed out; as an answer: there are no more."""


@dataclass(frozen=True, slots=True)
class Appended(Telling):
    """Another script, and an entry of how things stand after it if it changed anything."""

    outer: ClassVar[str] = "appending"
    told_in: ClassVar[str] = CHANGES


class Change(NamedTuple):
    """An entry of the stream: how an order stood, or a line of the journal."""

    entry_id: str
    order_number: str  # empty: the journal
    news: Stand | kv.Entry


class Batch(NamedTuple):
    """Entries handed out, and where those that are late go on."""

    go_on: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class ReadEntries(Script[Batch]):
    """Entries to write: those handed out `late_ms` ago, from `start` on, then new ones."""

    late_ms: int
    limit: int
    start: str = BEGINNING
    file: ClassVar[str] = "read_entries"

    def keys(self) -> tuple[str, ...]:
        return (CHANGES,)

    def arguments(self) -> tuple[str | int, ...]:
        return (self.late_ms, self.limit, self.start)

    def decode(self, raw: Raw) -> Batch:
        assert isinstance(raw, list)
        go_on, *texts = raw
        each = zip(texts[0::4], texts[1::4], texts[2::4], texts[3::4], strict=True)
        return Batch(go_on, tuple(_change(*fields) for fields in each))


def _change(entry_id: str, what: str, stands: str, body: str) -> Change:
    if what.startswith(ENTRY):
        delta, _, cell = stands.partition(" ")
        entry = kv.Entry(what.removeprefix(ENTRY), kv.parse_cell(cell), int(delta))
        return Change(entry_id, "", entry)
    number = what.removeprefix(ORDER)
    state, _, generation = stands.partition(" ")
    return Change(entry_id, number, stand(number, state, generation, body))


@dataclass(frozen=True, slots=True)
class Acknowledge(Script[bool]):
    """An entry is written, and goes; false: another consumer had acknowledged it."""

    entry_id: str
    file: ClassVar[str] = "acknowledge"

    def keys(self) -> tuple[str, ...]:
        return (CHANGES,)

    def arguments(self) -> tuple[str | int, ...]:
        return (self.entry_id,)

    def decode(self, raw: Raw) -> bool:
        return raw == 1
