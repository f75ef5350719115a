"""Warehouses, and the regions that each serves."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response

from inventory_core.api.access import Operator, TheShop, Viewer
from inventory_core.api.audited import audited
from inventory_core.api.bodies.places import (
    ServiceBody,
    ServiceShown,
    WarehouseBody,
    WarehouseShown,
)
from inventory_core.api.fields import Code, Region
from inventory_core.api.fields import shown as as_shown
from inventory_core.api.pages import Page, Paging, paging, selecting, shown
from inventory_core.api.problems import documented, not_found
from inventory_core.api.reference import found, put, put_for_warehouse, remove
from inventory_core.records import Service, Warehouse

router = APIRouter(prefix="/v1/warehouses", tags=["warehouses"])
WarehouseCode = Annotated[Code, Path(examples=["shenzhen"])]


@router.get(
    "", summary="List warehouses", response_model=Page[WarehouseShown], responses=documented(404)
)
async def warehouses(
    shop: TheShop, _: Viewer, page: Annotated[Paging, Depends(paging)]
) -> dict[str, Any]:
    """Warehouses, in the order of their codes."""
    rows = await shop.read(selecting(Warehouse, page))
    return shown(rows, page, lambda row: as_shown(WarehouseShown, row))


@router.get(
    "/{code}",
    summary="Look at a warehouse",
    response_model=WarehouseShown,
    responses=documented(404),
)
async def warehouse(shop: TheShop, _: Viewer, code: WarehouseCode) -> WarehouseShown:
    """One warehouse."""
    row = await shop.read(found(Warehouse, code))
    if row is None:
        raise not_found(f"warehouse {code}")
    return as_shown(WarehouseShown, row)


@router.put(
    "/{code}",
    summary="Open or change a warehouse",
    response_model=WarehouseShown,
    responses={201: {"model": WarehouseShown, "description": "It is new."}},
)
async def put_warehouse(
    response: Response, shop: TheShop, key: Operator, code: WarehouseCode, body: WarehouseBody
) -> WarehouseShown:
    """The warehouse, as it shall be. A suspended one keeps what it has promised."""
    plan = put(Warehouse(code, **dict(body)))
    row, new = await shop.write(audited(key, "warehouse.put", code, body, plan))
    response.status_code = 201 if new else 200
    return as_shown(WarehouseShown, row)


@router.get(
    "/{code}/services",
    summary="List the regions it serves",
    response_model=Page[ServiceShown],
    responses=documented(404),
)
async def services(
    shop: TheShop, _: Viewer, code: WarehouseCode, page: Annotated[Paging, Depends(paging)]
) -> dict[str, Any]:
    """Regions with rank, transit days and cost; none for a warehouse that there is not."""
    rows = await shop.read(selecting(Service, page, ("warehouse", "=", code)))
    return shown(rows, page, lambda row: as_shown(ServiceShown, row))


@router.put(
    "/{code}/services",
    summary="Serve a region",
    response_model=ServiceShown,
    responses={
        201: {"model": ServiceShown, "description": "It is new."},
        **documented(404),
    },
)
async def put_service(
    response: Response, shop: TheShop, key: Operator, code: WarehouseCode, body: ServiceBody
) -> ServiceShown:
    """Say how a warehouse serves a region; the most exact region that covers an address counts."""
    plan = put_for_warehouse(code, Service(code, **dict(body)))
    subject = f"{code}: {body.region}"
    done = await shop.write(audited(key, "service.put", subject, body, plan))
    if done is None:
        raise not_found(f"warehouse {code}")
    response.status_code = 201 if done[1] else 200
    return as_shown(ServiceShown, done[0])


@router.delete(
    "/{code}/services",
    status_code=204,
    summary="Serve a region no longer",
    responses=documented(404),
)
async def remove_service(
    shop: TheShop,
    key: Operator,
    code: WarehouseCode,
    region: Annotated[Region, Query(description="The region, as it was put.")],
) -> None:
    """What was promised there before is kept."""
    plan = remove(Service, code, region)
    if not await shop.write(audited(key, "service.remove", f"{code}: {region}", None, plan)):
        raise not_found(f"service of {code} for {region}")
