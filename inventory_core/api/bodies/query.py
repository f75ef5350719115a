"""Questions of a shop front: what is sellable, deliverable, and by when."""

from __future__ import annotations

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from inventory_core.api.fields import Body, Code, Region, Shown, Sku
from inventory_core.services.contract import LINES_MOST

QUESTION: JsonDict = {
    "channel": "mall",
    "address": "Guangdong/Shenzhen/Nanshan",
    "skus": ["phone-12", "case-12"],
}


class QueryBody(Body):
    """Up to 200 articles, for an address, from a channel."""

    model_config = ConfigDict(json_schema_extra={"examples": [QUESTION]})

    channel: Code
    address: Region
    skus: list[Sku] = Field(min_length=1, max_length=LINES_MOST, examples=[["phone-12"]])


class AvailabilityShown(Shown):
    """What the channel could promise of an article, as of `read_ms` on the store's clock."""

    sku: str = Field(examples=["phone-12"])
    sellable: int = Field(examples=[40])
    deliverable: bool
    promised_ms: int = Field(examples=[1_800_000_000_000], description="0: not deliverable.")
    warehouse: str = Field(examples=["shenzhen"])
    reason: str = Field(examples=[""], description="Why it is not deliverable.")
    read_ms: int = Field(examples=[1_800_000_000_000])


class QueryShown(Shown):
    """An answer for each article, in the order asked."""

    items: list[AvailabilityShown]
    as_of_ms: int = Field(
        examples=[1_800_000_000_000],
        description="When the oldest of them was read, on the store's clock.",
    )
    staleness_ms: int = Field(examples=[250], description="How old an answer may be at the most.")
