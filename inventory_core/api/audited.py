"""Who did what: every write of the API leaves an act, with the name of the key that asked.

The act is written first. So nothing is ever done that nobody is named for; an act whose operation
was refused, or whose process died, says what was asked.
"""

from __future__ import annotations

import json
from typing import TypeVar

from pydantic import BaseModel

from inventory_core.records import Act, ApiKey
from inventory_core.steps import clock, rows
from inventory_core.steps.step import Plan

T = TypeVar("T")
DETAIL_MOST = 4_000
"""Characters of a request that are kept."""


async def audited(key: ApiKey, what: str, subject: str, said: object, plan: Plan[T]) -> T:
    """A plan, and before it the act (a plan)."""
    try:
        at_ms = await rows.StoreClock()
        await rows.Insert(Act(await clock.NewId(), at_ms, who(key), what, subject, detail_of(said)))
        return await plan
    finally:
        plan.close()


def who(key: ApiKey) -> str:
    """The name under which a key acts."""
    return f"{key.name} ({key.key_id})"


def detail_of(said: object) -> str:
    """What was asked, as JSON."""
    if said is None:
        return "{}"
    if isinstance(said, BaseModel):
        text = said.model_dump_json(exclude_defaults=True)
    else:
        text = json.dumps(said, ensure_ascii=False)
    return text if len(text) <= DETAIL_MOST else json.dumps({"cut": text[:DETAIL_MOST]})
