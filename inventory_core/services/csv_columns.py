"""How a value is written into a CSV table and read back from it, exactly.

Text that a spreadsheet would run as a formula (it begins with = + - @, their wide forms, or a tab
or carriage return) is written with an apostrophe before it, and so is text that begins with
apostrophes and then one of these; reading takes one apostrophe off such text. Any other text is
written as it is, so every text comes back as it was. Numbers are written bare: -480 is a number.
Source: OWASP, "CSV Injection".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from inventory_core.domain.regions import check_region

CODE = r"[A-Za-z0-9][A-Za-z0-9._:-]*"
"""A code or an SKU: the same as the API takes, so that it can be asked for afterwards."""
CODE_LONGEST, TEXT_LONGEST = 64, 200
UNITS_MOST = 1_000_000_000
TIME_MOST_MS = 4_102_444_800_000  # the year 2100

_RUN = "[-=+@\uff1d\uff0b\uff0d\uff20\t\r]"
_TO_GUARD = re.compile(f"'*{_RUN}")
_GUARDED = re.compile(f"'+{_RUN}")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_TIME_OF_DAY = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


class WrongValue(Exception):
    """A value cannot be; the text says what to write instead."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, and how its values are read. Reading raises `WrongValue`."""

    name: str
    read: Callable[[str], object]


def written(value: object) -> str:
    """A value as the file has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    text = str(value.value) if isinstance(value, Enum) else str(value)
    return f"'{text}" if _TO_GUARD.match(text) else text


def text(name: str, longest: int = TEXT_LONGEST) -> Column:
    """Any text of one line, empty too."""

    def read(said: str) -> str:
        value = said[1:] if _GUARDED.match(said) else said
        if _UNPRINTABLE.search(value):
            raise WrongValue(f"{name} holds a control character; leave it out")
        if len(value) > longest:
            raise WrongValue(f"{name} has {len(value)} characters; write {longest} at the most")
        return value

    return Column(name, read)


def matching(name: str, pattern: str, longest: int, example: str, *, empty: bool = False) -> Column:
    """Text of a form, or (if it may be) none."""
    form, plain = re.compile(pattern), text(name, longest)

    def read(said: str) -> str:
        value = str(plain.read(said))
        if not (empty and not value) and not form.fullmatch(value):
            raise WrongValue(f"{name} is {_shown(value)}; write something like {example}")
        return value

    return Column(name, read)


def code(name: str, *, empty: bool = False) -> Column:
    """The code of a thing, or an SKU: letters, digits, and . _ : - between them."""
    return matching(name, CODE, CODE_LONGEST, "north-2", empty=empty)


def time_of_day(name: str, *, empty: bool = False) -> Column:
    """A local time of day."""
    return matching(name, _TIME_OF_DAY.pattern, 5, "17:00", empty=empty)


def region(name: str, *, empty: bool = False) -> Column:
    """A region path."""
    plain = text(name)

    def read(said: str) -> str:
        value = str(plain.read(said))
        if value or not empty:
            try:
                check_region(value)
            except ValueError:
                wanted = "province, province/city or province/city/district"
                raise WrongValue(f"{name} is {_shown(value)}; write {wanted}") from None
        return value

    return Column(name, read)


def whole(name: str, least: int = 0, most: int = UNITS_MOST) -> Column:
    """A whole number between two bounds."""

    def read(said: str) -> int:
        if not _WHOLE.fullmatch(said.strip()):
            raise WrongValue(f"{name} is {_shown(said)}; write a whole number")
        value = int(said)
        if value < 0 <= least:
            raise WrongValue(f"{name} is {value}, which is negative; write {least} or more")
        if not least <= value <= most:
            raise WrongValue(f"{name} is {value}; write a number from {least} to {most}")
        return value

    return Column(name, read)


def yes_or_no(name: str) -> Column:
    """`true` or `false`, in any case: spreadsheets like capitals."""

    def read(said: str) -> bool:
        value = said.strip().lower()
        if value not in ("true", "false"):
            raise WrongValue(f"{name} is {_shown(said)}; write true or false")
        return value == "true"

    return Column(name, read)


def one_of(name: str, kind: type[Enum]) -> Column:
    """The value of an enum."""

    def read(said: str) -> Enum:
        try:
            return kind(said.strip())
        except ValueError:
            known = ", ".join(str(one.value) for one in kind)
            raise WrongValue(f"{name} is {_shown(said)}; write one of {known}") from None

    return Column(name, read)


def _shown(said: str) -> str:
    """A value in a sentence: never longer than the sentence."""
    return repr(said if len(said) <= 40 else f"{said[:40]}...") if said else "empty"
