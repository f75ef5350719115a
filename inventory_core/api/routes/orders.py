"""Orders: placed, looked at, paid, cancelled, refunded, dispatched, shipped, returned, expired."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from inventory_core.api.access import Operator, TheShop, Viewer, note
from inventory_core.api.audited import audited
from inventory_core.api.bodies.orders import (
    ChangedShown,
    OrderBody,
    OrderHead,
    OrderShown,
    PlacedShown,
    RefundBody,
    RefusalBody,
    ReturnBody,
    ShipBody,
)
from inventory_core.api.fields import Code, Number
from inventory_core.api.outcomes import Verb, answered
from inventory_core.api.pages import Page, Paging, paging, selecting, shown
from inventory_core.api.problems import documented, not_found
from inventory_core.api.replaying import REPLAYED, IdempotencyKey, json_bytes, key_of
from inventory_core.api.shop import Shop
from inventory_core.records import ApiKey, OrderState, ShopOrder
from inventory_core.services.contract import Answer, LineRequest, OrderRequest
from inventory_core.steps.step import Plan

router = APIRouter(prefix="/v1/orders", tags=["orders"])
Channel = Annotated[Code, Path(description="The channel's code.", examples=["mall"])]
OrderNumber = Annotated[Number, Path(description="The order's number.", examples=["o-1"])]

CHANGES: dict[str, Any] = {
    "response_model": ChangedShown,
    "responses": documented(404, 409, _409="Its state does not allow it, or somebody is at it."),
}


def changed(request: Request, verb: Verb, answer: Answer) -> Response:
    """The answer to an operation on an order, or the problem that it is."""
    note(request, answer.said.value)
    replayed = answered(verb, answer)
    order = None if answer.order is None else OrderShown.of(answer.order)
    body = ChangedShown(outcome=answer.said.value, reason=answer.reason, order=order)
    return json_bytes(body.model_dump_json(), 200, replayed)


@router.post(
    "",
    status_code=201,
    summary="Place an order",
    response_model=PlacedShown,
    responses={
        201: {"headers": {REPLAYED: {"schema": {"type": "string", "enum": ["true"]}}}},
        **documented(
            409,
            422,
            _409="Refused (stored, and replayed), or somebody is at this number just now.",
            _422="A value cannot be, or the number was used with another body.",
        ),
    },
)
async def place(
    request: Request, shop: TheShop, key: Operator, body: OrderBody, header: IdempotencyKey = None
) -> Response:
    """Hold the order's units, or (in a channel that deducts at payment) place it unheld.

    Channel and number are the idempotency key: the same order again is answered with the same
    status and the same body, byte for byte, and the header `Idempotent-Replayed: true`. Without a
    number and without an `Idempotency-Key` a number is made up, and a repetition is another order.
    """
    order = _asked(body, key_of(header, body.number, "order number"))
    plan = audited(key, "order.place", order.order_id, body, shop.flow.place(order))
    answer = await shop.write(plan)
    note(request, answer.said.value)
    replayed = answered(Verb.PLACE, answer)
    return json_bytes(answer.body, 201, replayed)


def _asked(body: OrderBody, number: str) -> OrderRequest:
    lines = tuple(LineRequest(one.sku, one.quantity, one.activity or "") for one in body.lines)
    return OrderRequest(body.channel, number, body.buyer, body.address, lines, body.partial)


@router.get("", summary="List orders", response_model=Page[OrderHead], responses=documented(404))
async def orders(
    shop: TheShop,
    _: Viewer,
    page: Annotated[Paging, Depends(paging)],
    channel: Annotated[Code | None, Query(description="Only of this channel.")] = None,
    state: Annotated[OrderState | None, Query(description="Only in this state.")] = None,
) -> dict[str, Any]:
    """Orders in the order of their names, `CHANNEL/NUMBER`."""
    where: list[tuple[str, str, object]] = []
    if channel is not None:
        where.append(("channel", "=", channel))
    if state is not None:
        where.append(("state", "=", state))
    found = await shop.read(selecting(ShopOrder, page, *where))
    return shown(found, page, OrderHead.head_of)


@router.get(
    "/{channel}/{number}",
    summary="Look at an order",
    response_model=OrderShown,
    responses=documented(404),
)
async def order(shop: TheShop, _: Viewer, channel: Channel, number: OrderNumber) -> OrderShown:
    """An order with its lines, and the allocations of every generation."""
    view = await shop.read(shop.flow.find(f"{channel}/{number}"))
    if view is None:
        raise not_found(f"order {channel}/{number}")
    return OrderShown.of(view)


async def _change(
    request: Request,
    shop: Shop,
    key: ApiKey,
    verb: Verb,
    order_id: str,
    plan: Plan[Answer],
    said: object = None,
) -> Response:
    answer = await shop.write(audited(key, f"order.{verb.value}", order_id, said, plan))
    return changed(request, verb, answer)


@router.post("/{channel}/{number}/pay", summary="Pay an order", **CHANGES)
async def pay(
    request: Request,
    shop: TheShop,
    key: Operator,
    channel: Channel,
    number: OrderNumber,
    _: IdempotencyKey = None,
) -> Response:
    """Confirm a hold. After expiry the order is deducted again (`paid_late`) or `refunded`."""
    order_id = f"{channel}/{number}"
    return await _change(request, shop, key, Verb.PAY, order_id, shop.flow.pay(order_id))


@router.post(
    "/{channel}/{number}/cancel",
    summary="Cancel an order",
    response_model=ChangedShown,
    responses=documented(409, _409="It is paid, or somebody is at it."),
)
async def cancel(
    request: Request,
    shop: TheShop,
    key: Operator,
    channel: Channel,
    number: OrderNumber,
    _: IdempotencyKey = None,
) -> Response:
    """Give an unpaid order's units back.

    Before the order has come, this leaves a tombstone (`tombstoned`): it will be refused.
    """
    order_id = f"{channel}/{number}"
    return await _change(request, shop, key, Verb.CANCEL, order_id, shop.flow.cancel(order_id))


@router.post("/{channel}/{number}/refund", summary="Refund before shipment", **CHANGES)
async def refund(
    request: Request,
    shop: TheShop,
    key: Operator,
    channel: Channel,
    number: OrderNumber,
    body: RefundBody,
    header: IdempotencyKey = None,
) -> Response:
    """Give units of some lines of a paid order back, once for a key."""
    order_id = f"{channel}/{number}"
    lines = tuple((one.line, one.quantity) for one in body.lines)
    plan = shop.flow.refund(order_id, key_of(header, body.key, "key"), lines)
    return await _change(request, shop, key, Verb.REFUND, order_id, plan, body)


@router.post("/{channel}/{number}/dispatch", summary="Dispatch a paid order", **CHANGES)
async def dispatch(
    request: Request,
    shop: TheShop,
    key: Operator,
    channel: Channel,
    number: OrderNumber,
    _: IdempotencyKey = None,
) -> Response:
    """Tell the warehouses that were chosen."""
    order_id = f"{channel}/{number}"
    return await _change(request, shop, key, Verb.DISPATCH, order_id, shop.flow.dispatch(order_id))


@router.post(
    "/{channel}/{number}/refuse-dispatch", summary="A warehouse refuses its part", **CHANGES
)
async def refuse_dispatch(
    request: Request,
    shop: TheShop,
    key: Operator,
    channel: Channel,
    number: OrderNumber,
    body: RefusalBody,
    _: IdempotencyKey = None,
) -> Response:
    """Let another warehouse take over what this one will not ship."""
    order_id = f"{channel}/{number}"
    plan = shop.flow.refuse_dispatch(order_id, body.warehouse, body.reason)
    return await _change(request, shop, key, Verb.REFUSE_DISPATCH, order_id, plan, body)


@router.post("/{channel}/{number}/ship", summary="A warehouse has shipped its part", **CHANGES)
async def ship(
    request: Request,
    shop: TheShop,
    key: Operator,
    channel: Channel,
    number: OrderNumber,
    body: ShipBody,
    _: IdempotencyKey = None,
) -> Response:
    """Release what was pre-occupied there, and take it off the shelf."""
    order_id = f"{channel}/{number}"
    sequences = tuple((one.sku, one.sequence) for one in body.sequences)
    plan = shop.flow.ship(order_id, body.warehouse, sequences)
    return await _change(request, shop, key, Verb.SHIP, order_id, plan, body)


@router.post("/{channel}/{number}/return", summary="Units came back after shipment", **CHANGES)
async def return_goods(
    request: Request,
    shop: TheShop,
    key: Operator,
    channel: Channel,
    number: OrderNumber,
    body: ReturnBody,
    header: IdempotencyKey = None,
) -> Response:
    """Put units into the returned-device flow: neither sellable nor physical comes back."""
    order_id = f"{channel}/{number}"
    return_id = key_of(header, body.return_id, "return")
    plan = shop.flow.return_goods(order_id, return_id, body.line, body.quantity, body.reason)
    return await _change(request, shop, key, Verb.RETURN, order_id, plan, body)


@router.post("/{channel}/{number}/expire", summary="Expire a hold that is due", **CHANGES)
async def expire(
    request: Request,
    shop: TheShop,
    key: Operator,
    channel: Channel,
    number: OrderNumber,
    _: IdempotencyKey = None,
) -> Response:
    """Give an unpaid hold back, if its deadline has passed on the store's clock.

    The service does so by itself; this is for those who will not wait for its next sweep.
    """
    order_id = f"{channel}/{number}"
    return await _change(request, shop, key, Verb.EXPIRE, order_id, shop.flow.expire(order_id))
