"""How figures and lists are put into words, the same way everywhere."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

ABSENT = "–"
"""Stands where a figure was not taken, so that it cannot be mistaken for a zero."""

_SMALL = (
    *("no", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)

_UNITS = {
    "per_s": "/s",
    "s": "s",
    "ms": "ms",
    "us": "µs",
    "ns": "ns",
    "bytes": "bytes",
    "mib": "MiB",
    "gib": "GiB",
    "mb": "MB",
    "gb": "GB",
    "mhz": "MHz",
    "percent": "%",
}


def is_figure(value: Any) -> bool:
    """Is this a number that can be shown? (None and NaN are absent.)"""
    return isinstance(value, Real) and not math.isnan(value)


def figure(value: Any, digits: int = 3) -> str:
    """A number with `digits` significant digits and a comma between thousands."""
    if not is_figure(value):
        return ABSENT
    if value == 0:
        return "0"
    rounded = float(f"{value:.{digits - 1}e}")
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(rounded))))
    return f"{rounded:,.{decimals}f}"


def count(value: Any) -> str:
    """A whole number with a comma between thousands."""
    return f"{int(value):,}" if is_figure(value) else ABSENT


def number_word(value: float) -> str:
    """`three` for 3, `2.5` for 2.5, `60` for 60: as one would write it in a sentence."""
    if value == int(value) and 0 <= value < len(_SMALL):
        return _SMALL[int(value)]
    return f"{value:,g}"


def many(value: int, thing: str, things: str | None = None) -> str:
    """`one strategy`, `three strategies`, `1,204 units`."""
    return f"{number_word(value)} {thing if value == 1 else things or thing + 's'}"


def listed(names: Sequence[str], joined_by: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {joined_by} {names[-1]}"


def started(sentence: str) -> str:
    """The sentence with a capital first letter, and the rest of it untouched."""
    return sentence[:1].upper() + sentence[1:]


def label_of(key: str) -> str:
    """`step_cost_us` as `step cost, µs`: our keys carry their unit last."""
    for suffix in sorted(_UNITS, key=len, reverse=True):
        if key.endswith(f"_{suffix}"):
            return f"{key[: -len(suffix) - 1].replace('_', ' ')}, {_UNITS[suffix]}"
    return key.replace("_", " ")


def value_of(value: Any) -> str:
    """Any recorded value as text for people."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return figure(value)
    if isinstance(value, int):
        return count(value)
    if isinstance(value, Mapping):
        return "; ".join(f"{label_of(str(key))} {value_of(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(value_of(item) for item in value)
    return ABSENT if value is None else str(value)
