"""Transfer orders: units leave one warehouse, are in transit, and arrive at another."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response

from inventory_core.api.access import Operator, TheShop, Viewer
from inventory_core.api.audited import audited
from inventory_core.api.bodies.transfers import (
    ReceivedBody,
    TransferBody,
    TransferHead,
    TransferLineShown,
    TransferShown,
)
from inventory_core.api.fields import Code
from inventory_core.api.fields import shown as as_shown
from inventory_core.api.pages import Page, Paging, paging, selecting, shown
from inventory_core.api.problems import documented, not_found
from inventory_core.api.replaying import IdempotencyKey
from inventory_core.api.shop import Shop
from inventory_core.api.stock_outcomes import DoneShown, done
from inventory_core.records import ApiKey, TransferOrder
from inventory_core.services.stock_answers import StockAnswer
from inventory_core.steps.step import Plan

router = APIRouter(prefix="/v1/transfers", tags=["transfers"])
TransferCode = Annotated[Code, Path(examples=["t-1"])]
CHANGES: dict[str, Any] = {
    "response_model": DoneShown,
    "responses": documented(404, 409, _409="Its state does not allow it, or there are too few."),
}


@router.get(
    "",
    summary="List transfer orders",
    response_model=Page[TransferHead],
    responses=documented(404),
)
async def transfers(
    shop: TheShop, _: Viewer, page: Annotated[Paging, Depends(paging)]
) -> dict[str, Any]:
    """Transfer orders, in the order of their codes."""
    rows = await shop.read(selecting(TransferOrder, page))
    return shown(rows, page, lambda row: as_shown(TransferHead, row))


@router.get(
    "/{code}",
    summary="Look at a transfer order",
    response_model=TransferShown,
    responses=documented(404),
)
async def transfer(shop: TheShop, _: Viewer, code: TransferCode) -> TransferShown:
    """A transfer order with its lines."""
    view = await shop.read(shop.stock.find_transfer(code))
    if view is None:
        raise not_found(f"transfer order {code}")
    head = as_shown(TransferHead, view.order)
    lines = [as_shown(TransferLineShown, line) for line in view.lines]
    return TransferShown(**head.model_dump(), lines=lines)


@router.put(
    "/{code}",
    summary="Plan a transfer",
    response_model=DoneShown,
    responses=documented(409, 422, _422="A value cannot be, or the code has another content."),
)
async def plan_transfer(
    request: Request, shop: TheShop, key: Operator, code: TransferCode, body: TransferBody
) -> Response:
    """Write a transfer order down; nothing moves yet. The same again is answered the same."""
    lines = tuple((one.sku, one.quantity) for one in body.lines)
    plan = shop.stock.plan_transfer(code, body.source, body.target, lines, body.due_ms)
    return await _change(request, shop, key, "transfer.plan", code, plan, body)


@router.post("/{code}/send", summary="Units leave the source", **CHANGES)
async def send(
    request: Request, shop: TheShop, key: Operator, code: TransferCode, _: IdempotencyKey = None
) -> Response:
    """All of them or none; they are in transit."""
    plan = shop.stock.send_transfer(code)
    return await _change(request, shop, key, "transfer.send", code, plan)


@router.post("/{code}/receive", summary="Units arrive at the target", **CHANGES)
async def receive(
    request: Request,
    shop: TheShop,
    key: Operator,
    code: TransferCode,
    body: ReceivedBody,
    _: IdempotencyKey = None,
) -> Response:
    """Everything that is in transit, or so many of some lines; what is missing is a shortfall."""
    received = {one.sku: one.quantity for one in body.lines} or None
    plan = shop.stock.receive_transfer(code, received)
    return await _change(request, shop, key, "transfer.receive", code, plan, body)


@router.post("/{code}/cancel", summary="Give a transfer up", **CHANGES)
async def cancel(
    request: Request, shop: TheShop, key: Operator, code: TransferCode, _: IdempotencyKey = None
) -> Response:
    """Only before it was sent."""
    plan = shop.stock.cancel_transfer(code)
    return await _change(request, shop, key, "transfer.cancel", code, plan)


async def _change(
    request: Request,
    shop: Shop,
    key: ApiKey,
    what: str,
    code: str,
    plan: Plan[StockAnswer],
    said: object = None,
) -> Response:
    answer = await shop.write(audited(key, what, code, said, plan))
    return done(request, answer, DoneShown(subject=code))
