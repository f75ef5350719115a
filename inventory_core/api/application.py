"""The application: routers, the gate before them, errors as problems, and its life.

app = create_app(address, ApiSettings())
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from inventory_core.api import problems
from inventory_core.api.access import role_of
from inventory_core.api.daemons import Daemons
from inventory_core.api.engines import engines_of
from inventory_core.api.gate import Gate
from inventory_core.api.links import add_links
from inventory_core.api.routes import ROUTERS
from inventory_core.api.settings import ApiSettings
from inventory_core.api.shop import Shop
from inventory_core.records import Role
from inventory_core.stores.asynchronous import AsyncPool
from inventory_core.stores.service import ServiceAddress

ABOUT = """Stock, orders, warehouses: an inventory whose deduction strategy is exchangeable.

Every request under `/v1` needs a key: `Authorization: Bearer KEYID.SECRET`. Errors are
`application/problem+json` (RFC 9457). Lists are paged: give `next` back as `cursor`. Times are
milliseconds since 1970, UTC.
"""
ALWAYS = (401, 413, 429, 500, 503)
"""Errors that every route that needs a key may answer."""


def create_app(address: ServiceAddress, settings: ApiSettings | None = None) -> FastAPI:
    """The API over the stores at an address; they are opened when the application starts."""
    settings = settings or ApiSettings()

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        shop: Shop = app.state.shop
        shop.open(lambda size: AsyncPool(address, size))
        daemons = Daemons(shop, lambda size: AsyncPool(address, size))
        if settings.run_daemons:
            daemons.start()
        try:
            yield
        finally:
            shop.stopping = True
            await shop.settle()
            await daemons.stop()
            await shop.close()

    app = FastAPI(
        title="Stockproof",
        version=version("stockproof"),
        description=ABOUT,
        lifespan=life,
        redirect_slashes=False,
        separate_input_output_schemas=False,
    )
    app.state.shop = Shop(address, settings, engines_of(address.engines))
    app.state.operations = []
    problems.install(app)
    for router in ROUTERS:
        _include(app, router)
    app.openapi = lambda: _document(app)  # type: ignore[method-assign]
    app.add_middleware(Gate, shop=app.state.shop)
    return app


def _document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with the problems that operations refer to, and the links."""
    if app.openapi_schema is None:
        document = FastAPI.openapi(app)
        template = "#/components/schemas/{model}"
        problem = problems.ProblemBody.model_json_schema(ref_template=template)
        named = {**problem.pop("$defs"), "ProblemBody": problem}
        document.setdefault("components", {}).setdefault("schemas", {}).update(named)
        add_links(document)
    return app.openapi_schema or {}


def _include(app: FastAPI, router: APIRouter) -> None:
    for route in router.routes:
        assert isinstance(route, APIRoute)
        route.responses = problems.documented(*_errors_of(route)) | route.responses
        app.state.operations += [(route.path_regex, method) for method in route.methods or ()]
    app.include_router(router)


def _errors_of(route: APIRoute) -> list[int]:
    """What a route may answer beside what it says of itself."""
    role = role_of(route)
    asks = route.dependant
    if role is None:
        return [500] if asks.dependencies else []  # what uses nothing has nothing that could fail
    takes = (asks.path_params, asks.query_params, asks.header_params, asks.body_params)
    paged = any(one.query_params for one in asks.dependencies)
    errors = [*ALWAYS, *([403] if role is not Role.VIEWER else [])]
    return sorted([*errors, 422] if paged or any(takes) else errors)
