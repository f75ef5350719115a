"""Activities as they are planned and shown."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from inventory_core.api.bodies.places import Engine, HoldS
from inventory_core.api.fields import Body, Code, Shown, Sku, Text, TimeMs, Units, Whole
from inventory_core.records import ActivityState, DeductAt

ACTIVITY: JsonDict = {
    "name": "Double eleven",
    "channel": "mall",
    "opens_ms": 1_800_000_000_000,
    "closes_ms": 1_800_003_600_000,
    "limit_per_buyer": 2,
    "quotas": [{"sku": "phone-12", "quota": 5}],
}
QUOTAS_MOST = 200


class QuotaBody(Body):
    """How many units of an article are set aside."""

    sku: Sku
    quota: Units


class ActivityBody(Body):
    """A campaign with units of its own, from its channel and back to it."""

    model_config = ConfigDict(json_schema_extra={"examples": [ACTIVITY]})

    name: Text
    channel: Code
    engine: Engine | None = Field(None, description="None: the channel's.")
    opens_ms: TimeMs
    closes_ms: TimeMs
    limit_per_buyer: Annotated[int, Field(ge=0, le=1_000_000), Whole] = Field(
        0, description="Units of a buyer over all its articles; 0: no limit."
    )
    deduct_at: DeductAt = DeductAt.ORDER
    hold_s: HoldS = 900
    quotas: list[QuotaBody] = Field(min_length=1, max_length=QUOTAS_MOST)


class QuotaShown(Shown):
    """How many units of an article were set aside."""

    sku: str = Field(examples=["phone-12"])
    quota: int = Field(examples=[5])


class ActivityHead(Shown):
    """An activity without its quotas."""

    code: str = Field(examples=["double-eleven"])
    name: str = Field(examples=["Double eleven"])
    channel: str = Field(examples=["mall"])
    engine: str = Field(examples=["conditional_update"])
    opens_ms: int = Field(examples=[1_800_000_000_000])
    closes_ms: int = Field(examples=[1_800_003_600_000])
    limit_per_buyer: int = Field(examples=[2])
    deduct_at: DeductAt
    hold_s: int = Field(examples=[900])
    state: ActivityState


class ActivityShown(ActivityHead):
    """An activity with its quotas."""

    quotas: list[QuotaShown]


class ActivityChanged(Shown):
    """What opening or closing answered."""

    outcome: str = Field(examples=["done"])
    code: str = Field(examples=["double-eleven"])
