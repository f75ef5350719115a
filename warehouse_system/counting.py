"""Counting shelves as of a movement: the first page fixes the moment, the others keep to it.

No snapshot is kept. A movement says what lay on its shelf right after it, so the quantity as of
sequence T is that of the shelf's newest movement up to T, however much has moved since.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from warehouse_system import schema
from warehouse_system.problems import no_cursor, unknown
from warehouse_system.shelves import find, movement_out, quantity_of
from warehouse_system.wire import Count, CountPage, Feed


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a full count goes on: its moment, its page, and the last article told."""

    through: int
    page: int
    after: str

    def __str__(self) -> str:
        text = json.dumps([self.through, self.page, self.after])
        return base64.urlsafe_b64encode(text.encode()).decode()

    @classmethod
    def read(cls, text: str) -> Cursor:
        """The other way round; a text that is none of ours is a problem of the asker's."""
        try:
            through, page, after = json.loads(base64.urlsafe_b64decode(text.encode()))
            after.encode()
            if type(through) is int and type(page) is int and 0 <= through < 2**63 and page > 1:
                return cls(through, page, after)
        except (ValueError, TypeError, AttributeError, RecursionError):
            pass
        raise no_cursor("the cursor is none of this warehouse's; take `next` of the page before")


def page_of(connection: Connection, warehouse: str, size: int, cursor: str | None) -> CountPage:
    """The page at the cursor (the first without one). Asked again, it answers the same."""
    newest = find(connection, warehouse).last
    at = Cursor.read(cursor) if cursor is not None else Cursor(newest, 1, "")
    if at.through > newest:
        raise no_cursor(f"the cursor speaks of movement {at.through}, and the newest is {newest}")
    counts = _counts(connection, warehouse, at, size + 1)
    told, more = counts[:size], len(counts) > size
    following = str(Cursor(at.through, at.page + 1, told[-1].sku)) if more else None
    return CountPage(through=at.through, page=at.page, counts=told, next=following)


def count_of(connection: Connection, warehouse: str, sku: str) -> Count:
    """What lies on one shelf now."""
    through = find(connection, warehouse).last
    quantity = quantity_of(connection, warehouse, sku)
    if quantity is None:
        raise unknown("article", sku, f"in warehouse {warehouse!r}")
    return Count(sku=sku, quantity=quantity, through=through)


def feed_of(connection: Connection, warehouse: str, after: int, limit: int) -> Feed:
    """Movements after a number: `limit` of them, and the rest of the last one's document."""
    newest = find(connection, warehouse).last
    table = schema.movement
    later = select(table).where(table.c.warehouse == warehouse).order_by(table.c.sequence)
    rows = connection.execute(later.where(table.c.sequence > after).limit(limit)).all()
    if rows:
        last = rows[-1]
        rest = (
            later.where(table.c.sequence > last.sequence)
            .where(table.c.kind == last.kind)
            .where(table.c.reference == last.reference)
        )
        rows = [*rows, *connection.execute(rest)]
    return Feed(last=newest, movements=[movement_out(row) for row in rows])


def _counts(connection: Connection, warehouse: str, at: Cursor, limit: int) -> list[Count]:
    table = schema.movement
    newest = (
        select(table.c.sku, func.max(table.c.sequence).label("sequence"))
        .where(table.c.warehouse == warehouse)
        .where(table.c.sku > at.after)
        .where(table.c.sequence <= at.through)
        .group_by(table.c.sku)
        .order_by(table.c.sku)
        .limit(limit)
        .subquery()
    )
    rows = connection.execute(
        select(table.c.sku, table.c.quantity)
        .join(newest, newest.c.sequence == table.c.sequence)
        .where(table.c.warehouse == warehouse)
        .order_by(table.c.sku)
    )
    return [Count(sku=row.sku, quantity=row.quantity, through=at.through) for row in rows]
