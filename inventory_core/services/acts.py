"""Who did what to which subject: the audit log of management."""

from __future__ import annotations

import json
from collections.abc import Mapping

from inventory_core.records import Act
from inventory_core.steps import clock, rows

Detail = Mapping[str, str | int | bool]


async def record(who: str, what: str, subject: str, detail: Detail, act_id: str = "") -> bool:
    """Write an act down; with an id of the caller's, once. False if it was there."""
    return await rows.Insert(
        Act(
            act_id or await clock.NewId(),
            await rows.StoreClock(),
            who,
            what,
            subject,
            json.dumps(dict(detail), ensure_ascii=False, sort_keys=True),
        )
    )


async def page(
    limit: int = 100, after: tuple[int, str] | None = None, subject: str = ""
) -> tuple[Act, ...]:
    """Acts, oldest first; `after` is the time and the id of the last one seen."""
    where: tuple[rows.Where, ...] = (("subject", "=", subject),) if subject else ()
    return await rows.Select(Act, where, ("at_ms",), after, limit)
