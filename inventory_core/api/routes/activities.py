"""Activities: units set aside for a campaign, from opening to the remainder's way home."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from inventory_core.api.access import Operator, TheShop, Viewer
from inventory_core.api.audited import audited
from inventory_core.api.bodies.activities import (
    ActivityBody,
    ActivityHead,
    ActivityShown,
    QuotaShown,
)
from inventory_core.api.fields import Code
from inventory_core.api.fields import shown as as_shown
from inventory_core.api.pages import Page, Paging, paging, selecting, shown
from inventory_core.api.problems import Refusal, documented, not_found
from inventory_core.api.replaying import IdempotencyKey
from inventory_core.api.stock_outcomes import DoneShown, done
from inventory_core.records import Activity, ActivityState, Role

router = APIRouter(prefix="/v1/activities", tags=["activities"])
ActivityCode = Annotated[Code, Path(examples=["double-eleven"])]
CHANGES: dict[str, Any] = {
    "response_model": DoneShown,
    "responses": documented(
        404, 409, _409="The channel has too few, it is too late, or it is under way: ask again."
    ),
}


@router.get(
    "", summary="List activities", response_model=Page[ActivityHead], responses=documented(404)
)
async def activities(
    shop: TheShop,
    _: Viewer,
    page: Annotated[Paging, Depends(paging)],
    state: Annotated[ActivityState | None, Query(description="Only in this state.")] = None,
) -> dict[str, Any]:
    """Activities, in the order of their codes."""
    where = () if state is None else (("state", "=", state),)
    rows = await shop.read(selecting(Activity, page, *where))
    return shown(rows, page, lambda row: as_shown(ActivityHead, row))


@router.get(
    "/{code}",
    summary="Look at an activity",
    response_model=ActivityShown,
    responses=documented(404),
)
async def activity(shop: TheShop, _: Viewer, code: ActivityCode) -> ActivityShown:
    """An activity with its quotas."""
    view = await shop.read(shop.stock.find_activity(code))
    if view is None:
        raise not_found(f"activity {code}")
    head = as_shown(ActivityHead, view.activity)
    quotas = [as_shown(QuotaShown, one) for one in view.quotas]
    return ActivityShown(**head.model_dump(), quotas=quotas)


@router.put(
    "/{code}",
    summary="Plan an activity",
    response_model=DoneShown,
    responses=documented(
        409, _409="It has been opened, or its channel, engine or window cannot be."
    ),
)
async def plan_activity(
    request: Request, shop: TheShop, key: Operator, code: ActivityCode, body: ActivityBody
) -> Response:
    """Write an activity down, or change one that has not been opened.

    It opens and closes by itself, or when it is told to.
    """
    if body.engine is not None and not key.role.includes(Role.ADMIN):
        raise Refusal(403, "only admins choose engines: leave it out", outcome="forbidden")
    if body.opens_ms >= body.closes_ms:
        sentence = "it closes before it opens: give a later closes_ms"
        raise Refusal(409, sentence, outcome="refused", reason="wrong_window")
    quotas = tuple((one.sku, one.quota) for one in body.quotas)
    values = {name: value for name, value in body if name not in ("quotas", "engine")}
    made = Activity(code, engine=body.engine or "", **values)
    plan = shop.stock.plan_activity(made, quotas)
    answer = await shop.write(audited(key, "activity.plan", code, body, plan))
    return done(request, answer, DoneShown(subject=code))


@router.post("/{code}/open", summary="Open an activity", **CHANGES)
async def open_activity(
    request: Request, shop: TheShop, key: Operator, code: ActivityCode, _: IdempotencyKey = None
) -> Response:
    """Set its quotas aside, all of them or none, and take orders."""
    plan = shop.stock.open_activity(code)
    answer = await shop.write(audited(key, "activity.open", code, None, plan))
    return done(request, answer, DoneShown(subject=code))


@router.post("/{code}/close", summary="Close an activity", **CHANGES)
async def close_activity(
    request: Request, shop: TheShop, key: Operator, code: ActivityCode, _: IdempotencyKey = None
) -> Response:
    """Take no new orders; the remainder goes back to the channel, once."""
    plan = shop.stock.close_activity(code)
    answer = await shop.write(audited(key, "activity.close", code, None, plan))
    return done(request, answer, DoneShown(subject=code))
