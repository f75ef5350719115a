"""The law, article by article: what is stored on either side, and what is under way."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from inventory_core.api.access import TheShop, Viewer
from inventory_core.api.bodies.stock import AuditShown, SurveyShown
from inventory_core.api.fields import shown as as_shown
from inventory_core.api.pages import Paging, paging, select, shown
from inventory_core.api.problems import documented
from inventory_core.api.survey import Survey, UnderWay, survey, under_way
from inventory_core.records import Unassigned
from inventory_core.services.parts import Engines

router = APIRouter(prefix="/v1/audit", tags=["audit"])


@router.get("", summary="Does the law hold?", response_model=AuditShown, responses=documented(404))
async def audit(
    shop: TheShop, _: Viewer, page: Annotated[Paging, Depends(paging)]
) -> dict[str, Any]:
    """Articles in the order of their codes, with both sides of the law.

    What is read is read one after the other: while something is under way, units may be seen in
    two places or in none. At rest a difference is a leak.
    """
    articles, surveys, begun = await shop.read(_look(Engines(shop.engines), page))
    seen = {one.sku: as_shown(SurveyShown, one) for one in surveys}
    found = shown(articles, page, lambda row: seen[row.sku])
    return found | {
        "at_rest": not begun.intents and not begun.moves,
        "holds": not any(one.difference for one in found["items"]),
        "intents": begun.intents,
        "moves": begun.moves,
    }


async def _look(
    engines: Engines, page: Paging
) -> tuple[tuple[Unassigned, ...], tuple[Survey, ...], UnderWay]:
    articles = await select(Unassigned, page)
    known = tuple((row.sku, row.quantity) for row in articles[: page.limit])
    return articles, await survey(engines, known), await under_way()
