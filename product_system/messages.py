"""What the product system understands of a message: JSON, format 1, some changes of one source."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

FORMAT = 1
PUT, GONE, EMPTIED, BEGUN, COMPLETE = "put", "gone", "emptied", "begun", "complete"
INTEGER_MOST = 2**63 - 1
_KEY = json.JSONEncoder(ensure_ascii=False)


class Poison(Exception):
    """A message or a change that cannot be understood; its text says why."""


@dataclass(frozen=True, slots=True)
class Message:
    """The changes of one message, still as they came."""

    source: str
    epoch: int
    changes: list[Any]

    @property
    def begins(self) -> bool:
        """Does a snapshot, and with it an epoch, begin here?"""
        first = self.changes[0] if self.changes else None
        return isinstance(first, list) and len(first) > 1 and first[1] == BEGUN

    def alone(self, change: Any) -> bytes:
        """One change of it as a message of its own: for whoever is set aside."""
        said = {"format": FORMAT, "source": self.source, "epoch": self.epoch, "changes": [change]}
        return json.dumps(said, ensure_ascii=False).encode()


Row = tuple[str, str, str, int, int, int, str | None, str | None, int, int | None, int, int]
"""A row of `source_row`, in the order of its columns."""


def message_of(body: bytes) -> Message:
    """Read a message; `Poison` if it is none."""
    try:
        said = json.loads(body)
        if said["format"] != FORMAT:
            raise Poison(f"format {said['format']!r} is not understood, only {FORMAT}")
        source, epoch, changes = said["source"], said["epoch"], said["changes"]
    except (ValueError, KeyError, TypeError) as error:
        raise Poison(f"no message: {type(error).__name__} {error}") from None
    if not isinstance(source, str) or not isinstance(epoch, int) or not isinstance(changes, list):
        raise Poison("no message: source, epoch and changes are not what they should be")
    return Message(source, epoch, changes)


def row_of(message: Message, change: Any) -> Row:
    """The row that a put or a gone asks for; `Poison` if it cannot be."""
    try:
        table, operation, key, (log, part), at_us, columns = change
        row_key = _KEY.encode(key)
        at = (message.source, table, row_key, message.epoch, int(log), int(part))
        if operation == GONE:
            return (*at, None, None, 0, None, 1, int(at_us))
        if operation != PUT:
            raise Poison(f"nothing is known of a change that is called {operation!r}")
        units = _whole("units", columns["units"])
        if units < 0:
            raise Poison(f"units are {units}, and less than nothing cannot be shown")
        said = columns.get("version")
        version = None if said is None else _whole("version", said)
        return (*at, columns["sku"], columns["place"], units, version, 0, int(at_us))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Poison(f"no change: {type(error).__name__} {error}") from None


def change_of(row: Row) -> list[Any]:
    """The other way round, for a row that the database refuses."""
    _, table, row_key, _, log, part, sku, place, units, version, gone, at_us = row
    columns = {"sku": sku, "place": place, "units": units, "version": version}
    told = {} if gone else columns
    return [table, GONE if gone else PUT, json.loads(row_key), [log, part], at_us, told]


def _whole(name: str, said: Any) -> int:
    try:
        number = int(said)
    except (ValueError, TypeError):
        raise Poison(f"{name} is {said!r}, and no whole number") from None
    if abs(number) > INTEGER_MOST:
        raise Poison(f"{name} is {number}, which is too large to keep")
    return number
