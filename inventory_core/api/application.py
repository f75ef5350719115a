"""The application: routers, the gate before them, errors as problems, and its life.

    app = create_app(address, ApiSettings())
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.types import Receive, Scope, Send

from inventory_core.api import problems
from inventory_core.api.daemons import Daemons
from inventory_core.api.engines import engines_for, pools_for
from inventory_core.api.gate import Gate
from inventory_core.api.routes import ROUTERS
from inventory_core.api.settings import ApiSettings
from inventory_core.api.shop import Shop
from inventory_core.stores.service import ServiceAddress

ABOUT = """Stock, orders, warehouses: an inventory whose deduction strategy is exchangeable.

Every request under `/v1` needs a key: `Authorization: Bearer KEYID.SECRET`. Errors are
`application/problem+json` (RFC 9457). Lists are paged: give `next` back as `cursor`. Times are
milliseconds since 1970, UTC.
"""
ALWAYS = (401, 403, 413, 422, 429, 500, 503)
"""Errors that every route under `/v1` may answer."""


def create_app(address: ServiceAddress, settings: ApiSettings | None = None) -> FastAPI:
    """The API over the stores at an address; they are opened when the application starts."""
    settings = settings or ApiSettings()

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        shop = app.state.shop
        await shop.open()
        daemons = Daemons(shop, address) if settings.run_daemons else None
        if daemons:
            daemons.start()
        try:
            yield
        finally:
            shop.stopping = True
            await shop.settle()
            if daemons:
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
    app.state.shop = Shop(settings, engines_for(address), pools_for(address))
    app.state.operations = []
    problems.install(app)
    for router in ROUTERS:
        _include(app, router)
    app.add_middleware(Gate, shop=app.state.shop)
    return app


def _include(app: FastAPI, router: APIRouter) -> None:
    guarded = not router.prefix.startswith("/health")
    app.include_router(router, responses=problems.documented(*ALWAYS) if guarded else {})
    for route in router.routes:
        regex: Any = getattr(route, "path_regex", None)
        for method in getattr(route, "methods", None) or ():
            app.state.operations.append((regex, method))


__all__ = ["Receive", "Scope", "Send", "create_app"]
