"""Channels, and the engines that they may deduct with."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response

from inventory_core.api.access import Admin, TheShop, Viewer
from inventory_core.api.audited import audited
from inventory_core.api.bodies.places import ChannelBody, ChannelShown, EngineShown
from inventory_core.api.fields import Code
from inventory_core.api.fields import shown as as_shown
from inventory_core.api.pages import Page, Paging, paging, selecting, shown
from inventory_core.api.problems import Refusal, documented, not_found
from inventory_core.api.reference import found, put_channel
from inventory_core.records import Channel
from inventory_core.services.parts import Engines
from inventory_core.sourcing import registry as sourcing

router = APIRouter(prefix="/v1", tags=["channels"])
ChannelCode = Annotated[Code, Path(examples=["mall"])]


@router.get("/engines", summary="List the deduction strategies", response_model=list[EngineShown])
async def engines(shop: TheShop, _: Viewer) -> list[EngineShown]:
    """Those that run here; channels and activities name one each."""
    return [
        EngineShown(
            name=name,
            family=engine.family,
            promises=list(engine.promises.words),
            control=engine.control,
        )
        for name, engine in shop.engines.items()
    ]


@router.get(
    "/channels",
    summary="List channels",
    response_model=Page[ChannelShown],
    responses=documented(404),
)
async def channels(
    shop: TheShop, _: Viewer, page: Annotated[Paging, Depends(paging)]
) -> dict[str, Any]:
    """Channels, in the order of their codes."""
    rows = await shop.read(selecting(Channel, page))
    return shown(rows, page, lambda row: as_shown(ChannelShown, row))


@router.get(
    "/channels/{code}",
    summary="Look at a channel",
    response_model=ChannelShown,
    responses=documented(404),
)
async def channel(shop: TheShop, _: Viewer, code: ChannelCode) -> ChannelShown:
    """One channel."""
    row = await shop.read(found(Channel, code))
    if row is None:
        raise not_found(f"channel {code}")
    return as_shown(ChannelShown, row)


@router.put(
    "/channels/{code}",
    summary="Open or change a channel",
    response_model=ChannelShown,
    responses={
        201: {"model": ChannelShown, "description": "It is new."},
        **documented(409, _409="No such engine or sourcing here, or the old engine holds units."),
    },
)
async def put(
    response: Response, shop: TheShop, key: Admin, code: ChannelCode, body: ChannelBody
) -> ChannelShown:
    """The channel, as it shall be. Only admins choose engines."""
    _check(body, shop.engines)
    plan = put_channel(Engines(shop.engines), Channel(code, **dict(body)))
    row, new = await shop.write(audited(key, "channel.put", code, body, plan))
    response.status_code = 201 if new else 200
    return as_shown(ChannelShown, row)


def _check(body: ChannelBody, engines: dict[str, Any]) -> None:
    """Refuse names that nothing here has."""
    for what, name, known in (
        ("engine", body.engine, list(engines)),
        ("sourcing", body.sourcing, list(sourcing.sourcings())),
    ):
        if name not in known:
            sentence = f"there is no {what} {name}: choose among {', '.join(known)}"
            raise Refusal(409, sentence, outcome="refused", reason=f"no_such_{what}")
