"""The audit log: who did what."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from inventory_core.api.access import TheShop, Viewer
from inventory_core.api.bodies.keys import ActShown
from inventory_core.api.fields import TEXT, TIME_MOST_MS
from inventory_core.api.fields import shown as as_shown
from inventory_core.api.pages import Page, Paging, paging, selecting, shown
from inventory_core.api.problems import documented
from inventory_core.records import Act

router = APIRouter(prefix="/v1/acts", tags=["audit"])


@router.get("", summary="Who did what", response_model=Page[ActShown], responses=documented(404))
async def acts(
    shop: TheShop,
    _: Viewer,
    page: Annotated[Paging, Depends(paging)],
    subject: Annotated[str | None, Query(pattern=TEXT, max_length=200)] = None,
    since_ms: Annotated[int, Query(ge=0, le=TIME_MOST_MS, description="Only from then on.")] = 0,
) -> dict[str, Any]:
    """Every write of the API, oldest first."""
    where: list[tuple[str, str, object]] = [("at_ms", ">=", since_ms)]
    if subject is not None:
        where.append(("subject", "=", subject))
    found = await shop.read(selecting(Act, page, *where, order_by=("at_ms",)))
    return shown(found, page, lambda act: as_shown(ActShown, act), ("at_ms",))
