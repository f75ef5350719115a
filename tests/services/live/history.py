"""What clients of the live tests did and were told: one record a deed, judged only afterwards.

A deed is one operation on one order, asked until it was answered for good. Times are nanoseconds
of the machine's monotonic clock, which all processes share.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from inventory_core.services.contract import Said

UNDECIDED = frozenset({Said.IN_PROGRESS, Said.CONTENDED})
"""Answers after which a client asks again."""


@dataclass(frozen=True, slots=True)
class Deed:
    """`said` is empty as long as nobody has answered."""

    client: str
    verb: str
    order_id: str
    sent_ns: int
    replied_ns: int = 0
    said: str = ""
    attempts: int = 1
    saw_expired: bool = False  # the client had read that the order is expired, and then asked

    @property
    def unsure(self) -> bool:
        """May it have had its effect without the client being told so?"""
        return not self.said or self.attempts > 1

    def answered(self, said: Said, attempts: int, replied_ns: int) -> Deed:
        """The same deed, with its answer."""
        return replace(self, said=said.value, attempts=attempts, replied_ns=replied_ns)


class Journal:
    """Writes deeds to a file, each before it is sent and again when it was answered."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", buffering=1)
        self._lock = threading.Lock()

    def write(self, deed: Deed) -> None:
        """One line, in the file when this returns, whatever becomes of the process."""
        with self._lock:
            self._file.write(json.dumps(asdict(deed)) + "\n")


def deeds_in(paths: Iterable[Path]) -> tuple[Deed, ...]:
    """The deeds of several journals, each with its answer if there was one."""
    last: dict[tuple[str, str, str, int], Deed] = {}
    for path in paths:
        for line in path.read_text().splitlines():
            deed = Deed(**json.loads(line))
            last[deed.client, deed.verb, deed.order_id, deed.sent_ns] = deed
    return tuple(sorted(last.values(), key=lambda deed: deed.sent_ns))
