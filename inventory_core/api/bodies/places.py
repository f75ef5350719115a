"""Channels, warehouses, what they serve, and what may not be shipped: asked for and shown."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import ConfigDict, Field

from inventory_core.api.fields import Body, Region, Shown, Sku, Text, TimeMs, TimeOfDay, Whole
from inventory_core.records import DeductAt, RestrictionKind, WarehouseKind, WarehouseStatus

Cents = Annotated[int, Field(ge=0, le=10_000_000, examples=[800]), Whole]
HoldS = Annotated[int, Field(ge=1, le=2_592_000, examples=[900]), Whole]
Engine = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z_][A-Za-z0-9_.:]*$",
        max_length=200,
        examples=["conditional_update"],
        description="The name of a deduction strategy that runs here: see /v1/engines.",
    ),
]
Url = Annotated[
    str, Field(pattern=r"^(https?://[A-Za-z0-9._:\[\]/-]+)?$", max_length=200, examples=[""])
]


class ChannelBody(Body):
    """A sales channel: its engine deducts, its rule says when."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Official mall", "engine": "conditional_update"}]}
    )

    name: Text
    engine: Engine
    deduct_at: DeductAt = DeductAt.ORDER
    hold_s: HoldS = 900
    sourcing: Annotated[str, Field(pattern="^[a-z_]+$", max_length=64)] = "nearest"
    may_split: Annotated[bool, Field(strict=True)] = True
    reclaim: Annotated[int, Field(ge=0, le=1_000), Whole] = 0
    active: Annotated[bool, Field(strict=True)] = True


class ChannelShown(Shown):
    """A sales channel."""

    code: str = Field(examples=["mall"])
    name: str = Field(examples=["Official mall"])
    engine: str = Field(examples=["conditional_update"])
    deduct_at: DeductAt
    hold_s: int = Field(examples=[900])
    sourcing: str = Field(examples=["nearest"])
    may_split: bool
    reclaim: int = Field(examples=[0])
    active: bool


class EngineShown(Shown):
    """A deduction strategy that channels and activities may name."""

    name: str = Field(examples=["conditional_update"])
    family: str = Field(examples=["rows"])
    promises: list[str] = Field(examples=[["never oversells"]])
    control: bool = Field(description="It is meant to fail: for experiments only.")


class WarehouseBody(Body):
    """A warehouse: own, third-party or a store."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "Shenzhen", "kind": "own", "address": "Guangdong/Shenzhen/Nanshan"}
            ]
        }
    )

    name: Text
    kind: WarehouseKind
    address: Region
    backup: Annotated[bool, Field(strict=True)] = False
    status: WarehouseStatus = WarehouseStatus.ACTIVE
    cut_off: TimeOfDay = "17:00"
    utc_offset_min: Annotated[int, Field(ge=-840, le=840), Whole] = 480
    handling_cost_cents: Cents = 0
    system_url: Url = ""


class WarehouseShown(Shown):
    """A warehouse."""

    code: str = Field(examples=["shenzhen"])
    name: str = Field(examples=["Shenzhen"])
    kind: WarehouseKind
    address: str = Field(examples=["Guangdong/Shenzhen/Nanshan"])
    backup: bool
    status: WarehouseStatus
    cut_off: str = Field(examples=["17:00"])
    utc_offset_min: int = Field(examples=[480])
    handling_cost_cents: int = Field(examples=[0])
    system_url: str = Field(examples=[""])


class ServiceBody(Body):
    """That a warehouse serves a region, how near it is, how long a parcel takes, what it costs."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"region": "Guangdong", "rank": 1, "transit_days": 1}]}
    )

    region: Region
    rank: Annotated[int, Field(ge=1, le=1_000), Whole]
    transit_days: Annotated[int, Field(ge=0, le=365), Whole]
    parcel_cost_cents: Cents = 0


class ServiceShown(Shown):
    """That a warehouse serves a region."""

    warehouse: str = Field(examples=["shenzhen"])
    region: str = Field(examples=["Guangdong"])
    rank: int = Field(examples=[1])
    transit_days: int = Field(examples=[1])
    parcel_cost_cents: int = Field(examples=[800])


class RestrictionBody(Body):
    """That an article may not be shipped into a region in a window of time."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"kind": "stop_ship", "sku": "phone-12", "region": "Hainan"}]
        }
    )

    kind: RestrictionKind
    sku: Sku | None = Field(None, description="None: every article.")
    region: Region | None = Field(None, description="None: everywhere.")
    from_ms: TimeMs = 0
    until_ms: TimeMs = 0
    from_time: TimeOfDay | None = Field(None, description="Of a daily window, local time.")
    until_time: TimeOfDay | None = None
    reason: Text = ""

    def wrong(self: Self) -> str:
        """What does not fit together; empty if it does."""
        if self.kind is RestrictionKind.DAILY and not (self.from_time and self.until_time):
            return "a daily window needs from_time and until_time"
        if self.until_ms and self.from_ms >= self.until_ms:
            return "the window ends before it begins: give a later until_ms, or 0"
        return ""


class RestrictionShown(Shown):
    """A window in which an article may not be shipped."""

    code: str = Field(examples=["no-batteries-at-night"])
    kind: RestrictionKind
    sku: str = Field(examples=["phone-12"])
    region: str = Field(examples=["Hainan"])
    from_ms: int = Field(examples=[0])
    until_ms: int = Field(examples=[0])
    from_time: str = Field(examples=[""])
    until_time: str = Field(examples=[""])
    reason: str = Field(examples=["typhoon"])
