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
    return value._value_ if isinstance(value, Enum) else value


def condition_of(where: Sequence[Where]) -> Condition:
    """Does a row meet every condition?"""
    if not where:
        return lambda _: True
    first, rest = _one(*where[0]), where[1:]
    if not rest:
        return first
    others = condition_of(rest)
    return lambda row: first(row) and others(row)


def _one(field: str, sign: str, value: Any) -> Condition:
    get = operator.attrgetter(field)
    if sign == "in":
        wanted = frozenset(plain(each) for each in value)
        return lambda row: plain(get(row)) in wanted
    compare, against = _COMPARE[sign], plain(value)
    if against is None:
        assert sign in ("=", "!="), f"{field} {sign} None: nothing is, so ask for = or !="
        return lambda row: compare(get(row), None)
    otherwise = sign == "!="

    def meets(row: Any) -> bool:
        here = get(row)
        if here is None:
            return otherwise
        return compare(here._value_ if isinstance(here, Enum) else here, against)

    return meets


def order_of(fields: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    """What to sort rows by."""
    readers = [operator.attrgetter(field) for field in fields]
    return lambda row: tuple([_place(get(row)) for get in readers])


def place_of(values: Sequence[object]) -> tuple[Any, ...]:
    """Where a row with these values stands in that order."""
    return tuple([_place(value) for value in values])


def _place(value: Any) -> tuple[bool, Any]:
    return (value is None, plain(value))
