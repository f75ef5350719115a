"""Shipping restrictions: what may not go where, and when."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response

from inventory_core.api.access import Operator, TheShop, Viewer
from inventory_core.api.audited import audited
from inventory_core.api.bodies.places import RestrictionBody, RestrictionShown
from inventory_core.api.fields import Code
from inventory_core.api.fields import shown as as_shown
from inventory_core.api.pages import Page, Paging, paging, selecting, shown
from inventory_core.api.problems import Refusal, documented, not_found
from inventory_core.api.reference import put, remove
from inventory_core.records import Restriction

router = APIRouter(prefix="/v1/restrictions", tags=["restrictions"])
RestrictionCode = Annotated[Code, Path(examples=["no-batteries-at-night"])]


@router.get(
    "",
    summary="List restrictions",
    response_model=Page[RestrictionShown],
    responses=documented(404),
)
async def restrictions(
    shop: TheShop, _: Viewer, page: Annotated[Paging, Depends(paging)]
) -> dict[str, Any]:
    """Restrictions, in the order of their codes."""
    rows = await shop.read(selecting(Restriction, page))
    return shown(rows, page, lambda row: as_shown(RestrictionShown, row))


@router.put(
    "/{code}",
    summary="Make or change a restriction",
    response_model=RestrictionShown,
    responses={
        201: {"model": RestrictionShown, "description": "It is new."},
        **documented(409, _409="Its times do not fit together."),
    },
)
async def put_restriction(
    response: Response, shop: TheShop, key: Operator, code: RestrictionCode, body: RestrictionBody
) -> RestrictionShown:
    """The restriction, as it shall be. It counts for orders from now on."""
    if wrong := body.wrong():
        raise Refusal(409, wrong, outcome="refused", reason="wrong_window")
    values: dict[str, Any] = {name: "" if value is None else value for name, value in body}
    plan = put(Restriction(code, **values))
    row, new = await shop.write(audited(key, "restriction.put", code, body, plan))
    response.status_code = 201 if new else 200
    return as_shown(RestrictionShown, row)


@router.delete(
    "/{code}", status_code=204, summary="Remove a restriction", responses=documented(404)
)
async def remove_restriction(shop: TheShop, key: Operator, code: RestrictionCode) -> None:
    """It counts no longer."""
    plan = remove(Restriction, code)
    if not await shop.write(audited(key, "restriction.remove", code, None, plan)):
        raise not_found(f"restriction {code}")
