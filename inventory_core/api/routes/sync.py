"""Counts and movements that warehouses tell, and synchronisation with their systems."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from inventory_core.api.access import Operator, TheShop, Viewer, note
from inventory_core.api.audited import audited
from inventory_core.api.bodies.sync import (
    CountBody,
    MovementBody,
    SyncBody,
    SyncShown,
)
from inventory_core.api.fields import Code
from inventory_core.api.fields import shown as as_shown
from inventory_core.api.pages import Page, Paging, paging, selecting, shown
from inventory_core.api.problems import documented, not_found
from inventory_core.api.reference import found
from inventory_core.api.replaying import IdempotencyKey, key_of
from inventory_core.api.stock_outcomes import DoneShown, done
from inventory_core.records import SyncRun

router = APIRouter(prefix="/v1", tags=["sync"])
WarehouseCode = Annotated[Code, Path(examples=["shenzhen"])]


@router.post(
    "/warehouses/{code}/counts",
    summary="A warehouse counted an article",
    response_model=DoneShown,
    responses=documented(
        409, 422, _409="No such warehouse, or a newer count is known.", _422="A value cannot be."
    ),
)
async def count(
    request: Request,
    shop: TheShop,
    key: Operator,
    code: WarehouseCode,
    body: CountBody,
    header: IdempotencyKey = None,
) -> Response:
    """Physical stock becomes what was counted, and what has moved since is applied on top.

    An older count after a newer one is refused (`stale`).
    """
    cause = f"count:{key_of(header, body.key, 'key')}:{code}:{body.sku}"
    plan = shop.stock.apply_count(cause, code, body.sku, body.quantity, body.through)
    subject = f"{body.sku} at {code}"
    answer = await shop.write(audited(key, "count", subject, body, plan))
    return done(request, answer, DoneShown(subject=subject))


@router.post(
    "/warehouses/{code}/movements",
    summary="A warehouse confirms a movement",
    response_model=DoneShown,
    responses=documented(
        409, 422, _422="A value cannot be, or the number is known with another content."
    ),
)
async def movement(
    request: Request,
    shop: TheShop,
    key: Operator,
    code: WarehouseCode,
    body: MovementBody,
    _: IdempotencyKey = None,
) -> Response:
    """Its sequence number makes it once, in whichever order it comes."""
    plan = shop.stock.record_movement(
        code, body.sequence, body.sku, body.kind, body.delta, body.reference
    )
    subject = f"{code}:{body.sequence}"
    answer = await shop.write(audited(key, "movement", subject, body, plan))
    return done(request, answer, DoneShown(subject=subject))


@router.post(
    "/warehouses/{code}/sync",
    status_code=202,
    summary="Ask a warehouse's system for its counts",
    response_model=SyncShown,
    responses=documented(
        409, _409="There is no such warehouse, it has no system, or that does not answer."
    ),
)
async def synchronise(
    request: Request,
    shop: TheShop,
    key: Operator,
    code: WarehouseCode,
    body: SyncBody,
    header: IdempotencyKey = None,
) -> SyncShown:
    """Of one article, or of all. A full one may take longer than this answer: look at its run."""
    run = key_of(header, body.run, "run")
    from inventory_core.sync.synchronisation import Synchronisation  # brings httpx: late

    sync = Synchronisation(shop.stock)
    plan = sync.full(code, run) if body.sku is None else sync.one(code, body.sku, run)
    ended = await shop.synchronise(audited(key, "sync", f"{code}: {run}", body, plan), run)
    note(request, ended.state.value)
    return as_shown(SyncShown, ended)


@router.get(
    "/syncs",
    summary="List runs of synchronisation",
    response_model=Page[SyncShown],
    responses=documented(404),
)
async def syncs(
    shop: TheShop,
    _: Viewer,
    page: Annotated[Paging, Depends(paging)],
    warehouse: Annotated[Code | None, Query(description="Only of this warehouse.")] = None,
) -> dict[str, Any]:
    """Runs, in the order of their names."""
    where = () if warehouse is None else (("warehouse", "=", warehouse),)
    rows = await shop.read(selecting(SyncRun, page, *where))
    return shown(rows, page, lambda row: as_shown(SyncShown, row))


@router.get(
    "/syncs/{run}",
    summary="Look at a run of synchronisation",
    response_model=SyncShown,
    responses=documented(404),
)
async def sync(
    shop: TheShop, _: Viewer, run: Annotated[Code, Path(examples=["nightly-7"])]
) -> SyncShown:
    """How far it is, and what it changed."""
    row = await shop.read(found(SyncRun, run))
    if row is None:
        raise not_found(f"run {run}")
    return as_shown(SyncShown, row)
