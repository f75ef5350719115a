"""What goes over the wire: the bodies of requests and answers, with examples for the document."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

QUANTITY_MOST = 1_000_000_000
LINES_MOST = 1_000
PAGE_MOST = 1_000
PRINTABLE = r"^[^\x00-\x1f\x7f-\x9f]*$"


def _encodable(text: str) -> str:
    """JSON can spell what no file can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("leave out half a pair of surrogates") from None
    return text


def _whole(number: object) -> object:
    """To JSON, 2.0 is a whole number."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _text(most: int, least: int = 0) -> Any:
    return Field(min_length=least, max_length=most, pattern=PRINTABLE)


def _number(least: int) -> Any:
    return Field(ge=least, le=QUANTITY_MOST, strict=True)


Name = Annotated[str, _text(200, 1), AfterValidator(_encodable)]
Reference = Annotated[str, _text(400, 1), AfterValidator(_encodable)]
Reason = Annotated[str, _text(400), AfterValidator(_encodable)]
Quantity = Annotated[int, _number(1), BeforeValidator(_whole)]
Delta = Annotated[int, _number(-QUANTITY_MOST), BeforeValidator(_whole)]


class Kind(StrEnum):
    """Why units move over the threshold."""

    SHIPMENT = "shipment"
    RECEIPT = "receipt"
    ADJUSTMENT = "adjustment"
    TRANSFER_OUT = "transfer_out"
    TRANSFER_IN = "transfer_in"

    @property
    def sign(self) -> int:
        """What it makes of a quantity: units that leave, or that come (or a signed correction)."""
        return -1 if self in (Kind.SHIPMENT, Kind.TRANSFER_OUT) else 1


class Asked(BaseModel):
    """A request's body: what is not named here is refused, so that a slip is not overlooked."""

    model_config = ConfigDict(extra="forbid")


class Line(Asked):
    """So many units of an article."""

    sku: Name = Field(examples=["pen-blue"])
    quantity: Quantity = Field(examples=[2])


class Correction(Asked):
    """So many units more (or fewer, if below 0) than the shelf was thought to have."""

    sku: Name = Field(examples=["pen-blue"])
    delta: Delta = Field(examples=[-1])


class Document(Asked):
    """Units that leave or come. The reference makes it once; the same article twice is added up."""

    reference: Reference = Field(examples=["mall/o-1#east#1.1"])
    lines: list[Line] = Field(min_length=1, max_length=LINES_MOST)


class Adjustment(Asked):
    """Corrections of shelves. The reference makes them once."""

    reference: Reference = Field(examples=["stocktaking-7"])
    lines: list[Correction] = Field(min_length=1, max_length=LINES_MOST)


class MovementOut(BaseModel):
    """One movement: `quantity` is what lay on the shelf right after it."""

    sequence: int = Field(examples=[7])
    sku: str = Field(examples=["pen-blue"])
    kind: Kind = Field(examples=["shipment"])
    delta: int = Field(examples=[-2])
    quantity: int = Field(examples=[8])
    reference: str = Field(examples=["mall/o-1#east#1.1"])
    at_ms: int = Field(examples=[1_700_000_000_000])


class Moved(BaseModel):
    """What a document has moved: one movement an article, in the order of their numbers."""

    reference: str = Field(examples=["mall/o-1#east#1.1"])
    movements: list[MovementOut]


class Count(BaseModel):
    """What lies on a shelf, counting every movement of the warehouse up to `through`."""

    sku: str = Field(examples=["pen-blue"])
    quantity: int = Field(examples=[8])
    through: int = Field(examples=[7])


class CountPage(BaseModel):
    """A page of a full count. Every page of it holds as of the same `through`."""

    through: int = Field(examples=[7])
    page: int = Field(examples=[1])
    counts: list[Count]
    next: str | None = Field(examples=[None], description="cursor of the next page; null: the last")


class Feed(BaseModel):
    """Movements after a number, in order. Those of one document are never parted."""

    last: int = Field(examples=[7], description="the newest movement of the warehouse")
    movements: list[MovementOut]


class Refusing(Asked):
    """Whether a warehouse refuses shipments: of these articles, or (none named) of all."""

    refusing: bool = Field(examples=[True])
    reason: Reason = Field(default="", examples=["closed for stocktaking"])
    skus: list[Name] = Field(default_factory=list, max_length=LINES_MOST)


class WarehouseOut(BaseModel):
    """A warehouse, the number of its newest movement, and whether it refuses shipments."""

    code: str = Field(examples=["east"])
    last: int = Field(examples=[7])
    refusing: Refusing


class Warehouses(BaseModel):
    """Every warehouse of this system."""

    warehouses: list[WarehouseOut]


class Health(BaseModel):
    """It answers, and its database does."""

    status: str = Field(examples=["ok"])
