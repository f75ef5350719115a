"""Stock as it is moved, shown, and held to its law."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from inventory_core.api.fields import Body, Code, Shown, Sku, Text, Units

PLACE = r"^(unassigned|(channel|activity):[A-Za-z0-9][A-Za-z0-9._:-]{0,63})$"
Place = Annotated[
    str,
    Field(
        pattern=PLACE,
        max_length=80,
        examples=["channel:mall"],
        description="`unassigned`, `channel:CODE` or `activity:CODE`.",
    ),
]
Key = Annotated[
    Code | None, Field(description="Once for every key; else the Idempotency-Key stands for it.")
]


class ReceiveBody(Body):
    """Units that came to a warehouse from a supplier; they are unassigned."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"warehouse": "shenzhen", "sku": "phone-12", "quantity": 10}]
        }
    )

    key: Key = None
    warehouse: Code
    sku: Sku
    quantity: Units
    reason: Text = "delivery"


class MoveBody(Body):
    """Units from one place to another: unassigned, a channel, an activity."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "sku": "phone-12",
                    "source": "unassigned",
                    "target": "channel:mall",
                    "quantity": 5,
                }
            ]
        }
    )

    key: Key = None
    sku: Sku
    source: Place
    target: Place
    quantity: Units
    reason: Text = "moved"


class MovedShown(Shown):
    """The answer to a stock operation: the same, byte for byte, to every delivery of its key."""

    outcome: str = Field(examples=["done"])
    key: str = Field(examples=["delivery-7"])
    sku: str = Field(examples=["phone-12"])
    quantity: int = Field(examples=[10])


class StockShown(Shown):
    """An article, and the units of it that no channel was given."""

    sku: str = Field(examples=["phone-12"])
    unassigned: int = Field(examples=[3])


class ShelfShown(Shown):
    """What a warehouse has of an article."""

    sku: str = Field(examples=["phone-12"])
    warehouse: str = Field(examples=["shenzhen"])
    physical: int = Field(examples=[40], description="Units on the shelf.")
    pre_occupied: int = Field(examples=[2], description="Of them, ordered and not yet shipped.")
    shortfall: int = Field(examples=[0])
    over_promised: int = Field(examples=[0])
    counted_through: int = Field(examples=[41])


class SurveyShown(Shown):
    """Everything that is stored of an article."""

    sku: str = Field(examples=["phone-12"])
