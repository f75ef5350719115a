"""Read a table of a TOML file into a dataclass, strictly: every mistake is one clear sentence.

The dataclass is the only description there is: its fields are the keys, their annotations the
types, their `metadata` the limits (`least`, `most`, `one_of`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import Field, dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from inventory_core.problems import Problem

T = TypeVar("T")

_WORDS: Mapping[Any, str] = {
    int: "a whole number",
    float: "a number",
    str: "a text in quotes",
    bool: "true or false",
    tuple[int, ...]: "a list of whole numbers",
    tuple[str, ...]: "a list of texts",
}


def within(default: Any, least: float, most: float) -> Any:
    """A field whose value (or whose every item) must lie in this range."""
    return field(default=default, metadata={"least": least, "most": most})


def one_of(*choices: str) -> Any:
    """A field that is one of these words, the first unless stated otherwise."""
    return field(default=choices[0], metadata={"one_of": choices})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands, for messages: `flash_sale.toml: demand.rate_per_s`."""

    file: str
    table: str = ""

    def key(self, name: str) -> str:
        """The full name of a key in this table."""
        return f"{self.table}.{name}" if self.table else name

    def problem(self, name: str, complaint: str) -> Problem:
        """The one sentence: which file, which key, what is wrong with it."""
        return Problem(f"{self.file}: {self.key(name)} {complaint}")


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise Problem(f"{path.name} cannot be read as TOML ({error}); mend it there") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Problem(f"{path} cannot be read ({error}); name a TOML file") from None


def override(tables: dict[str, Any], settings: Iterable[str]) -> None:
    """Apply settings such as `demand.rate_per_s=5000`; the value is read as TOML, else as text."""
    for setting in settings:
        name, equals, text = setting.partition("=")
        table, dot, key = name.strip().partition(".")
        if not (equals and dot and key):
            raise Problem(f"{setting!r} overrides nothing; write TABLE.KEY=VALUE")
        inside = tables.setdefault(table, {})
        if not isinstance(inside, dict):
            raise Problem(f"{setting!r} overrides nothing: {table} is not a table")
        inside[key] = read_value(text.strip())


def read_value(text: str) -> Any:
    """A value as TOML reads it, else the text itself."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def check_keys(place: Place, given: Iterable[str], known: Sequence[str]) -> None:
    """Refuse a key that nobody reads, and name the nearest one that somebody does."""
    for name in given:
        if name not in known:
            near = get_close_matches(name, known, n=1, cutoff=0.4)
            hint = f"did you mean {place.key(near[0])}?" if near else f"known: {', '.join(known)}"
            raise place.problem(name, f"is not a key; {hint}")


def fill(kind: type[T], table: Any, place: Place) -> T:
    """Make the dataclass `kind` of a table, refusing unknown keys, wrong types and bad values."""
    if not isinstance(table, dict):
        raise Problem(f"{place.file}: {place.table} must be a table; write [{place.table}]")
    described = {each.name: each for each in fields(kind)}  # type: ignore[arg-type]
    check_keys(place, table, tuple(described))
    types = get_type_hints(kind)
    values = {
        name: _checked(value, types[name], described[name], place, name)
        for name, value in table.items()
    }
    return kind(**values)


def _checked(value: Any, kind: Any, known: Field[Any], place: Place, name: str) -> Any:
    typed = _typed(value, kind)
    if typed is None:
        raise place.problem(name, f"is {value!r}; write {_WORDS[kind]}")
    limits = known.metadata
    if "one_of" in limits and typed not in limits["one_of"]:
        raise place.problem(name, f"is {value!r}; write one of {', '.join(limits['one_of'])}")
    if "least" in limits:
        for number in typed if isinstance(typed, tuple) else (typed,):
            if not limits["least"] <= number <= limits["most"]:
                reach = f"{limits['least']:,g} to {limits['most']:,g}"
                raise place.problem(name, f"is {number:g}; write a number from {reach}")
    return typed


def _typed(value: Any, kind: Any) -> Any:
    """The value as its type, or None: a whole number passes for a number, true for neither."""
    if kind in (tuple[int, ...], tuple[str, ...]):
        item = int if kind == tuple[int, ...] else str
        right = isinstance(value, list) and all(type(each) is item for each in value)
        return tuple(value) if right else None
    if kind is float and type(value) is int:
        return float(value)
    return value if type(value) is kind else None
