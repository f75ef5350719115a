"""What an import answers: what it did or would do, and every line that is wrong, by its number."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum


class CsvSaid(Enum):
    """What became of a file."""

    DONE = "done"  # every line was carried out, but for those in `refused`
    ALREADY_DONE = "already_done"  # an earlier delivery of the same key and text did it
    WOULD = "would"  # a dry run: nothing was changed
    WRONG = "wrong"  # some lines are wrong, so nothing was changed; the key is still free
    MISMATCHED = "mismatched"  # the key was used with another text or table
    UNDER_WAY = "under_way"  # some lines are not finished; ask again with the same key and text


@dataclass(frozen=True, slots=True)
class WrongLine:
    """A line (the header is line 1; 0 is the file) and one sentence that says what to do."""

    line: int
    sentence: str


@dataclass(frozen=True, slots=True)
class CsvChange:
    """What a line changes: the key of its row, and its values before (empty: new) and after."""

    line: int
    subject: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class CsvReport:
    """The answer to an import.

    `changed` and `unchanged` count lines. `wrong`: nothing was done because of these. `refused`:
    these were not done, and the others were. `changes`: of a dry run.
    """

    said: CsvSaid
    what: str
    lines: int = 0
    changed: int = 0
    unchanged: int = 0
    wrong: tuple[WrongLine, ...] = ()
    refused: tuple[WrongLine, ...] = ()
    changes: tuple[CsvChange, ...] = ()
    reason: str = ""

    def as_json(self) -> str:
        """What is kept of a file that is done."""
        refused = [[one.line, one.sentence] for one in self.refused]
        kept = {"lines": self.lines, "changed": self.changed, "unchanged": self.unchanged}
        return json.dumps(kept | {"refused": refused}, ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, what: str, text: str) -> CsvReport:
        """The answer to every later delivery of a file that is done."""
        kept = json.loads(text)
        return cls(
            CsvSaid.ALREADY_DONE,
            what,
            kept["lines"],
            kept["changed"],
            kept["unchanged"],
            refused=tuple(WrongLine(line, sentence) for line, sentence in kept["refused"]),
        )
