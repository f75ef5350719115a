"""Pages of a list: so many items, and a cursor that leads to the next.

A cursor is opaque to its bearer. Inside are the values by which the list is ordered, of the last
row that was seen, so that pages neither skip nor repeat a row while others come and go.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import Field

from inventory_core.api.fields import Shown
from inventory_core.api.problems import Refusal
from inventory_core.steps import rows
from inventory_core.steps.step import Plan

PAGE_MOST = 200
T = TypeVar("T")
R = TypeVar("R", bound=rows.Record)


class Page(Shown, Generic[T]):
    """Some of a list. `next` leads on; it is null on the last page."""

    items: list[T]
    next: str | None = Field(None, examples=["WyJwaG9uZS0xMiJd"])


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page was asked for."""

    limit: int
    after: tuple[object, ...] | None


def paging(
    limit: Annotated[
        int, Query(ge=1, le=PAGE_MOST, description="How many items.", examples=[50])
    ] = 50,
    cursor: Annotated[
        str | None,
        Query(
            pattern="^[A-Za-z0-9_-]+$",
            max_length=512,
            description="`next` of the page before; none for the first page.",
        ),
    ] = None,
) -> Paging:
    """The dependency of every list."""
    return Paging(limit, None if cursor is None else _values(cursor))


async def select(
    kind: type[R],
    page: Paging,
    where: tuple[rows.Where, ...] = (),
    order_by: tuple[str, ...] = (),
) -> tuple[R, ...]:
    """One row more than the page holds: it says whether there is another page."""
    if page.after is not None and len(page.after) != len((*order_by, *kind.KEY)):
        raise lost_cursor()
    return await rows.Select(kind, where, order_by, page.after, page.limit + 1)


def selecting(
    kind: type[R], page: Paging, *where: rows.Where, order_by: tuple[str, ...] = ()
) -> Plan[tuple[R, ...]]:
    """The plan of a page of records."""
    return select(kind, page, tuple(where), order_by)


def shown(
    found: tuple[R, ...], page: Paging, show: Callable[[R], T], order_by: tuple[str, ...] = ()
) -> dict[str, Any]:
    """The page, ready to be an answer."""
    items = found[: page.limit]
    more = len(found) > page.limit
    last = items[-1] if more else None
    return {
        "items": [show(row) for row in items],
        "next": None if last is None else _cursor(last, order_by),
    }


def _cursor(row: rows.Record, order_by: tuple[str, ...]) -> str:
    values = [_value(getattr(row, name)) for name in (*order_by, *type(row).KEY)]
    text = json.dumps(values, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def _value(value: object) -> object:
    return value.value if isinstance(value, Enum) else value


def _values(cursor: str) -> tuple[object, ...]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        values = json.loads(base64.urlsafe_b64decode(padded))
    except (binascii.Error, ValueError, RecursionError):
        raise lost_cursor() from None
    if not isinstance(values, list) or not all(isinstance(one, str | int) for one in values):
        raise lost_cursor()
    return tuple(values)


def lost_cursor() -> Refusal:
    """A cursor that no page of this list gave out."""
    return Refusal(404, "the cursor leads nowhere: begin again without one", kind="lost_cursor")
