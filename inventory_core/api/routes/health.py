"""Is this process alive, and may requests be sent to it?"""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Response

from inventory_core.api.access import TheShop
from inventory_core.api.fields import Shown
from inventory_core.api.problems import Refusal, documented

router = APIRouter(prefix="/health", tags=["health"])


class Alive(Shown):
    """It lives."""

    status: Literal["alive"] = "alive"


class Ready(Shown):
    """Every check that was made held."""

    status: Literal["ready"] = "ready"
    checks: dict[str, str]


@router.get("/live", summary="Does the process live?", response_model=Alive)
async def live() -> Alive:
    """Says so as long as the event loop turns; asks no store."""
    return Alive()


@router.get(
    "/ready",
    summary="May requests be sent here?",
    response_model=Ready,
    responses=documented(503, _503="A store does not answer, a migration is missing, or stopping."),
)
async def ready(shop: TheShop, response: Response) -> Ready:
    """Every store answers, the tables are of this release, and the process is not stopping."""
    checks = await shop.checked()
    response.headers["Cache-Control"] = "no-store"
    wrong = {name: said for name, said in checks.items() if said != "ok"}
    if wrong:
        detail = "; ".join(f"{name}: {said}" for name, said in wrong.items())
        raise Refusal(503, detail, outcome="not_ready", headers={"Retry-After": "1"})
    return Ready(checks=checks)
