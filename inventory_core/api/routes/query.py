"""The question that half of all requests ask: what is there, can it come here, and when?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Response

from inventory_core.api.access import TheShop, Viewer
from inventory_core.api.bodies.query import AvailabilityShown, QueryBody, QueryShown
from inventory_core.api.fields import TEXT, shown
from inventory_core.api.problems import Refusal, documented

router = APIRouter(prefix="/v1", tags=["query"])

_AGE = {
    "Age": {"description": "Whole seconds since it was read.", "schema": {"type": "integer"}},
    "Cache-Control": {"description": "How long it may be kept.", "schema": {"type": "string"}},
}


@router.post(
    "/query",
    summary="What is sellable, deliverable, and by when",
    response_model=QueryShown,
    responses={200: {"headers": _AGE}, **documented(404, _404="There is no such channel.")},
)
async def query(
    response: Response,
    shop: TheShop,
    _: Viewer,
    body: QueryBody,
    cache_control: Annotated[
        str | None,
        Header(
            pattern=TEXT,
            max_length=200,
            description="`no-cache` asks the store.",
            examples=["no-cache"],
        ),
    ] = None,
) -> QueryShown:
    """One call for up to 200 articles and an address.

    It reads on sessions of its own, apart from orders, and from a memory that is never older than
    `staleness_ms`. It promises nothing: only an order does.
    """
    fresh = "no-cache" in (cache_control or "").lower()
    try:
        answers, age_s = await shop.cache.find(body.channel, body.address, body.skus, fresh)
    except ValueError as error:
        raise Refusal(404, str(error), outcome="not_found") from None
    staleness_ms = shop.settings.read_staleness_ms
    response.headers["Cache-Control"] = f"private, max-age={staleness_ms // 1_000}"
    response.headers["Age"] = str(int(age_s))
    return QueryShown(
        items=[shown(AvailabilityShown, one) for one in answers],
        as_of_ms=min(one.read_ms for one in answers),
        staleness_ms=staleness_ms,
    )
