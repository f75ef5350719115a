"""The law, article by article: what is stored on either side, and what is under way."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from inventory_core.api.access import TheShop, Viewer
from inventory_core.api.bodies.stock import AuditShown, BreachShown, SurveyShown
from inventory_core.api.fields import shown as as_shown
from inventory_core.api.pages import Paging, paging, select, shown
from inventory_core.api.problems import documented
from inventory_core.records import Unassigned
from inventory_core.services.ledger import Surveys, UnderWay
from inventory_core.services.stock_management import StockManagement

router = APIRouter(prefix="/v1/audit", tags=["audit"])


@router.get("", summary="Does the law hold?", response_model=AuditShown, responses=documented(404))
async def audit(
    shop: TheShop, _: Viewer, page: Annotated[Paging, Depends(paging)]
) -> dict[str, Any]:
    """Articles in the order of their codes, with both sides of the law.

    Each is held to all of it: the two sides, the journal behind every quantity, the allocations
    behind what is pre-occupied. `difference` is as it was seen: while something is under way, units
    may be in two places or in none. What that does not explain is a breach.
    """
    articles, surveys, begun = await shop.read(_look(shop.stock, page))
    found = shown(articles, page, lambda row: as_shown(SurveyShown, surveys[row.sku]))
    breaches = [breach for one in surveys.values() for breach in one.breaches]
    return found | {
        "at_rest": begun.at_rest,
        "holds": not breaches,
        "intents": begun.intents,
        "moves": begun.moves,
        "breaches": [as_shown(BreachShown, one) for one in breaches],
    }


async def _look(
    stock: StockManagement, page: Paging
) -> tuple[tuple[Unassigned, ...], Surveys, UnderWay]:
    articles = await select(Unassigned, page)
    surveys = await stock.read_ledger([row.sku for row in articles[: page.limit]])
    return articles, surveys, await stock.under_way()
