"""The questions of `stockproof recommend` at a terminal, each with a default, and their answers.

An answer that cannot be is told at once, in one sentence, and asked for again. Flags and answers
come to the same table, and are read the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from inventory_core.problems import Problem
from scenarios.reading_toml import Place
from scenarios.recommending.question import STACKS, Question, read_question

PLACE = Place("recommend")
YES, NO = "yes", "no"

Answers = Mapping[str, Any]
"""By the name of the flag: numbers, and whether `redis`, `database` and the like may be."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One question. `unless`: under which answers it need not be asked."""

    name: str
    text: str
    default: str
    kind: type[Any]
    unless: Callable[[Answers], bool] = lambda _: False


ASKED = (
    Ask("rate_per_s", "Orders a second, on average (0: as many as possible)", "0", float),
    Ask(
        "peak",
        "How many times as many at the peak",
        "1",
        float,
        lambda answers: not answers["rate_per_s"],
    ),
    Ask("articles", "Articles on sale", "1", int),
    Ask(
        "hot",
        "How many of them nearly everybody wants",
        "1",
        int,
        lambda answers: answers["articles"] == 1,
    ),
    Ask(
        "heat",
        "Share of all lines that is for those (0 to 1)",
        "0.8",
        float,
        lambda answers: answers["articles"] == 1,
    ),
    Ask("stock", "Units of each article", "10000", int),
    Ask("lines", "Lines of an order, on average", "1", float),
    Ask("buyers", "Orders under way at the same time", "16", int),
    Ask("pool", "Database connections that they share (0: one each)", "0", int),
    Ask("rtt_ms", "Milliseconds from shop to servers and back (0: same machine)", "0", float),
    Ask("redis", "May Redis (or Valkey) be part of it", YES, bool),
    Ask("database", "May a database be part of it", YES, bool),
    Ask("loss_s", "Seconds of acknowledged orders that may be lost with a server", "0", float),
    Ask("lag_s", "Seconds for which stores may disagree", "0", float),
    Ask("undersell", "May buyers be turned away while there is stock", NO, bool),
    Ask("daemons", "May helpers run beside the buyers", YES, bool),
)


def asked_in_turn(read: Callable[[str, str], str], say: Callable[[str], None]) -> Question:
    """Ask them all. `read` shows a text and a default, and answers what was typed."""
    answers: dict[str, Any] = {}
    for ask in ASKED:
        if not ask.unless(answers):
            answers[ask.name] = _answered(ask, answers, read, say)
    return question_of(answers)


def question_of(answers: Answers) -> Question:
    """The question that these answers make."""
    table = {name: value for name, value in answers.items() if name not in ("redis", "database")}
    if "stacks" not in table:
        lacking = [
            server
            for server, word in (("redis", "redis"), ("postgresql", "database"))
            if not answers.get(word, True)
        ]
        table["stacks"] = [s for s in STACKS if not set(s.split("+")) & set(lacking)]
    return read_question(table, PLACE)


def _answered(
    ask: Ask,
    answers: Answers,
    read: Callable[[str, str], str],
    say: Callable[[str], None],
) -> Any:
    while True:
        typed = read(ask.text, ask.default).strip()
        try:
            value = _value(ask, typed)
            question_of({**answers, ask.name: value})
        except Problem as problem:
            say(str(problem))
        else:
            return value


def _value(ask: Ask, typed: str) -> Any:
    if ask.kind is bool:
        word = typed.lower()
        if word not in (YES, NO, YES[0], NO[0]):
            raise PLACE.problem(ask.name, f"is {typed!r}; answer {YES} or {NO}")
        return word[0] == YES[0]
    try:
        return ask.kind(typed.replace(",", "").replace("_", ""))
    except ValueError:
        number = "a whole number" if ask.kind is int else "a number"
        raise PLACE.problem(ask.name, f"is {typed!r}; write {number}") from None
