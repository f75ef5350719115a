"""The values that requests are made of, with their bounds: codes, regions, texts, times."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

CODE = r"^[A-Za-z0-9][A-Za-z0-9._:-]*$"
TEXT = r"^[^\x00-\x1f\x7f]*$"
REGION = r"^[^/\x00-\x1f\x7f]+(/[^/\x00-\x1f\x7f]+){0,2}$"
UNITS_MOST = 1_000_000_000
TIME_MOST_MS = 4_102_444_800_000  # the year 2100

Code = Annotated[str, Field(pattern=CODE, min_length=1, max_length=64, examples=["mall"])]
"""The short name of a channel, warehouse, activity, transfer order, return …"""
Sku = Annotated[str, Field(pattern=CODE, min_length=1, max_length=64, examples=["phone-12"])]
Number = Annotated[str, Field(pattern=CODE, min_length=1, max_length=64, examples=["o-1"])]
"""An order number: with its channel the idempotency key."""
Buyer = Annotated[str, Field(pattern=CODE, max_length=64, min_length=1, examples=["buyer-7"])]
Region = Annotated[
    str,
    Field(pattern=REGION, min_length=1, max_length=200, examples=["Guangdong/Shenzhen/Nanshan"]),
]
"""A region path: province, province/city or province/city/district."""
Text = Annotated[str, Field(pattern=TEXT, max_length=200, examples=["the main warehouse"])]


def _whole(value: object) -> object:
    """JSON knows one kind of number: 5.0 is 5. A text is no number, and neither is a yes."""
    if isinstance(value, bool | str):
        raise ValueError("should be a whole number")
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = BeforeValidator(_whole)
"""Before a number of a body. Parameters of a query are texts, and go without."""
Units = Annotated[int, Field(ge=1, le=UNITS_MOST, examples=[10]), Whole]
Stored = Annotated[int, Field(examples=[10])]
"""A stored number of units."""
TimeMs = Annotated[int, Field(ge=0, le=TIME_MOST_MS, examples=[1_800_000_000_000]), Whole]
"""Milliseconds since 1970, UTC; 0 where it says so."""
TimeOfDay = Annotated[
    str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["17:00"], max_length=5)
]


class Body(BaseModel):
    """What a request carries: nothing that is not named."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Shown(BaseModel):
    """What an answer carries."""

    model_config = ConfigDict(extra="forbid", from_attributes=True, frozen=True)


S = TypeVar("S", bound=Shown)


def shown(kind: type[S], row: object) -> S:
    """A record as an answer shows it: the fields of that name, without looking at their types."""
    return kind.model_validate(row)
