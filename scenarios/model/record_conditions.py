"""The conditions and the order of a select, as SQL means them: None meets nothing but `= None`.

Texts are compared byte by byte, enums by their text, and None comes last.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any

from inventory_core.steps.rows import Where

Condition = Callable[[Any], bool]

_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def plain(value: Any) -> Any:
    """A value as the database has it: an enum is its text."""
    return value.value if isinstance(value, Enum) else value


def condition_of(where: Sequence[Where]) -> Condition:
    """Does a row meet every condition?"""
    conditions = [_one(*each) for each in where]
    return lambda row: all(meets(row) for meets in conditions)


def _one(field: str, sign: str, value: Any) -> Condition:
    if sign == "in":
        wanted = frozenset(plain(each) for each in value)
        return lambda row: plain(getattr(row, field)) in wanted
    compare, against = _COMPARE[sign], plain(value)
    if against is None:
        assert sign in ("=", "!="), f"{field} {sign} None: nothing is, so ask for = or !="
        return lambda row: compare(getattr(row, field), None)

    def meets(row: Any) -> bool:
        here = plain(getattr(row, field))
        return sign == "!=" if here is None else compare(here, against)

    return meets


def order_of(fields: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    """What to sort rows by."""
    return lambda row: tuple([_place(getattr(row, field)) for field in fields])


def place_of(values: Sequence[object]) -> tuple[Any, ...]:
    """Where a row with these values stands in that order."""
    return tuple([_place(value) for value in values])


def _place(value: Any) -> tuple[bool, Any]:
    return (value is None, plain(value))
