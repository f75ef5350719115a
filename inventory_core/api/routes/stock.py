"""Stock: received, moved between unassigned, channels and activities, and looked at."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from inventory_core.api.access import Operator, TheShop, Viewer
from inventory_core.api.audited import audited
from inventory_core.api.bodies.stock import (
    MoveBody,
    MovedShown,
    ReceiveBody,
    ShelfShown,
    StockShown,
    SurveyShown,
)
from inventory_core.api.fields import Code, Sku
from inventory_core.api.fields import shown as as_shown
from inventory_core.api.pages import Page, Paging, paging, selecting, shown
from inventory_core.api.problems import documented, not_found
from inventory_core.api.replaying import IdempotencyKey, key_of
from inventory_core.api.stock_outcomes import done
from inventory_core.records import Unassigned, WarehouseStock

router = APIRouter(prefix="/v1", tags=["stock"])
CHANGES: dict[str, Any] = {
    "response_model": MovedShown,
    "responses": documented(
        409,
        422,
        _409="There are not so many, there is no such place, or it is under way: ask again.",
        _422="A value cannot be, or the key was used with another content.",
    ),
}


@router.get(
    "/stock", summary="List articles", response_model=Page[StockShown], responses=documented(404)
)
async def articles(
    shop: TheShop, _: Viewer, page: Annotated[Paging, Depends(paging)]
) -> dict[str, Any]:
    """Every article that there ever was, with the units that no channel was given."""
    rows = await shop.read(selecting(Unassigned, page))
    return shown(rows, page, lambda row: StockShown(sku=row.sku, unassigned=row.quantity))


@router.get(
    "/shelves", summary="List shelves", response_model=Page[ShelfShown], responses=documented(404)
)
async def shelves(
    shop: TheShop,
    _: Viewer,
    page: Annotated[Paging, Depends(paging)],
    warehouse: Annotated[Code | None, Query(description="Only of this warehouse.")] = None,
) -> dict[str, Any]:
    """What each warehouse has of each article."""
    where = () if warehouse is None else (("warehouse", "=", warehouse),)
    rows = await shop.read(selecting(WarehouseStock, page, *where))
    return shown(rows, page, lambda row: as_shown(ShelfShown, row))


@router.get(
    "/stock/{sku}",
    summary="Look at an article, and at its law",
    response_model=SurveyShown,
    responses=documented(404),
)
async def article(
    shop: TheShop, _: Viewer, sku: Annotated[Sku, Path(examples=["phone-12"])]
) -> SurveyShown:
    """Everything that is stored of an article, and whether both sides of the law agree."""
    seen = await shop.read(shop.stock.glance_at(sku))
    if seen is None:
        raise not_found(f"article {sku}")
    return as_shown(SurveyShown, seen)


@router.post("/receipts", summary="Units came from a supplier", **CHANGES)
async def receive(
    request: Request, shop: TheShop, key: Operator, body: ReceiveBody, header: IdempotencyKey = None
) -> Response:
    """They are on the shelf, and unassigned until a channel is given them."""
    name = key_of(header, body.key, "key")
    plan = shop.stock.receive(name, body.warehouse, body.sku, body.quantity, body.reason)
    answer = await shop.write(audited(key, "stock.receive", body.sku, body, plan))
    return done(request, answer, MovedShown(key=name, sku=body.sku, quantity=body.quantity))


@router.post("/moves", summary="Move units between places", **CHANGES)
async def move(
    request: Request, shop: TheShop, key: Operator, body: MoveBody, header: IdempotencyKey = None
) -> Response:
    """From unassigned to a channel, from one channel to another, and back; once for a key."""
    name = key_of(header, body.key, "key")
    plan = shop.stock.move(name, body.sku, body.source, body.target, body.quantity, body.reason)
    answer = await shop.write(audited(key, "stock.move", body.sku, body, plan))
    return done(request, answer, MovedShown(key=name, sku=body.sku, quantity=body.quantity))
