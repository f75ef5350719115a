"""Stock as it is moved, shown, and held to its law."""

from __future__ import annotations

from typing import Annotated, Literal

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

    outcome: Literal["done"] = "done"
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


class PlaceShown(Shown):
    """Units of an article in a channel or an activity."""

    place: str = Field(examples=["channel:mall"])
    engine: str = Field(examples=["conditional_update"])
    units: int = Field(examples=[45])


class SurveyShown(Shown):
    """Everything that is stored of an article, and the law.

    physical + in_transit = sellable + activity + pre_occupied + unassigned - shortfall + moving
    """

    sku: str = Field(examples=["phone-12"])
    physical: int = Field(examples=[65])
    in_transit: int = Field(examples=[0])
    sellable: int = Field(examples=[50])
    activity: int = Field(examples=[10])
    pre_occupied: int = Field(examples=[0])
    unassigned: int = Field(examples=[5])
    shortfall: int = Field(examples=[0])
    moving: int = Field(examples=[0], description="Taken from one place, not yet given to another.")
    difference: int = Field(examples=[0], description="0: both sides agree.")
    shelves: list[ShelfShown]
    places: list[PlaceShown]


class BreachShown(Shown):
    """Where the law is broken, and no work under way explains it."""

    sku: str = Field(examples=["phone-12"])
    law: str = Field(examples=["every unit is somewhere"])
    place: str = Field(examples=[""], description="Of which warehouse or place; empty: of all.")
    expected: int = Field(examples=[65])
    found: int = Field(examples=[64])


class AuditShown(Shown):
    """A page of articles, held to the law."""

    at_rest: bool = Field(description="Nothing is under way: a difference then is a leak.")
    holds: bool = Field(description="No article of this page breaks the law.")
    intents: int = Field(examples=[0], description="Orders that somebody is at.")
    moves: int = Field(examples=[0], description="Moves of stock under way.")
    breaches: list[BreachShown]
    items: list[SurveyShown]
    next: str | None = Field(None, examples=["WyJwaG9uZS0xMiJd"])
