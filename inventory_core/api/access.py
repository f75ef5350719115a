"""What routes ask for: the shop, who is asking, and that their role may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer

from inventory_core.api.gate import ACTOR, OUTCOME
from inventory_core.api.problems import Refusal
from inventory_core.api.shop import Shop
from inventory_core.records import ApiKey, Role

_bearer = HTTPBearer(
    auto_error=False,  # the gate has answered before
    scheme_name="key",
    description="An API key, `KEYID.SECRET`, as `Authorization: Bearer KEYID.SECRET`.",
)


def shop_of(request: Request) -> Shop:
    """The shop that the application was made for."""
    shop: Shop = request.app.state.shop
    return shop


def needs(role: Role) -> Callable[..., ApiKey]:
    """A dependency: the key that asks, whose role must include this one."""

    def holder(request: Request, _: Annotated[Any, Security(_bearer)]) -> ApiKey:
        key: ApiKey = request.scope[ACTOR]
        if not key.role.includes(role):
            raise Refusal(
                403,
                f"the key {key.key_id} is of a {key.role.value}; this is for {role.value}s",
                outcome="forbidden",
            )
        return key

    holder.role = role  # type: ignore[attr-defined]  # so that a route can document its 403
    return holder


def role_of(route: APIRoute) -> Role | None:
    """The role that a route asks for; None if anybody may."""
    roles = [getattr(one.call, "role", None) for one in route.dependant.dependencies]
    return next((role for role in roles if isinstance(role, Role)), None)


def note(request: Request, outcome: str) -> None:
    """Remember what the operation answered, for the figures."""
    request.scope[OUTCOME] = outcome


TheShop = Annotated[Shop, Depends(shop_of)]
Viewer = Annotated[ApiKey, Depends(needs(Role.VIEWER))]
Operator = Annotated[ApiKey, Depends(needs(Role.OPERATOR))]
Admin = Annotated[ApiKey, Depends(needs(Role.ADMIN))]
