"""`/metrics`: what this service does, for Prometheus."""

from __future__ import annotations

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from inventory_core.api.access import TheShop, Viewer
from inventory_core.api.gauges import gathered

router = APIRouter(tags=["health"])


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(shop: TheShop, _: Viewer) -> Response:
    """Latencies by route, outcomes by operation, stock, work under way and its age, sessions."""
    return Response(shop.metrics.text(await gathered(shop)), media_type=CONTENT_TYPE_LATEST)
