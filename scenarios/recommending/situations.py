"""The situations that recommendations are drawn from, and those that are held out to judge them.

The split came first (`situations.toml`); what was measured in a situation that is held out is never
looked at when a rule is made.
"""

from __future__ import annotations

from pathlib import Path

from scenarios.reading_toml import Place, check_keys, read_toml
from scenarios.recommending.question import Question, read_question

FILE = Path(__file__).parent / "situations.toml"


def drawn() -> dict[str, Question]:
    """Where the evidence comes from."""
    return _situations("drawn")


def held_out() -> dict[str, Question]:
    """Where recommendations are judged."""
    return _situations("held_out")


def _situations(part: str) -> dict[str, Question]:
    tables = read_toml(FILE)
    check_keys(Place(FILE.name), tables, ("drawn", "held_out"))
    return {
        name: read_question(table, Place(FILE.name, f"{part}.{name}"))
        for name, table in tables[part].items()
    }
