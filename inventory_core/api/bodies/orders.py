"""Orders as they are asked for and shown."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from inventory_core.api.fields import (
    Body,
    Buyer,
    Code,
    Number,
    Region,
    Shown,
    Sku,
    Text,
    Units,
    Whole,
    shown,
)
from inventory_core.records import AllocationState, DeductAt, OrderState, ShopOrder
from inventory_core.services.contract import LINES_MOST, OrderView

LineNumber = Annotated[int, Field(ge=1, le=LINES_MOST, examples=[1]), Whole]
ORDER: JsonDict = {
    "channel": "mall",
    "number": "o-1",
    "buyer": "buyer-7",
    "address": "Guangdong/Shenzhen/Nanshan",
    "lines": [{"sku": "phone-12", "quantity": 1}],
}


class LineBody(Body):
    """So many units of an article, from the channel or from one of its activities."""

    sku: Sku
    quantity: Units
    activity: Code | None = None


class OrderBody(Body):
    """A buyer's order. All or nothing, unless `partial`."""

    model_config = ConfigDict(json_schema_extra={"examples": [ORDER]})

    channel: Code
    number: Number | None = Field(None, description="Else the Idempotency-Key stands for it.")
    buyer: Buyer
    address: Region
    lines: list[LineBody] = Field(min_length=1, max_length=LINES_MOST)
    partial: bool = Field(False, description="Take line by line what there is.", strict=True)


class RefundLineBody(Body):
    """Units of a line to give back."""

    line: LineNumber
    quantity: Units


class RefundBody(Body):
    """What is given back before shipment. To give everything back, cancel the order."""

    key: Code | None = Field(None, description="Else the Idempotency-Key stands for it.")
    lines: list[RefundLineBody] = Field(
        min_length=1, max_length=LINES_MOST, examples=[[{"line": 1, "quantity": 1}]]
    )


class RefusalBody(Body):
    """A warehouse will not ship its part of an order."""

    warehouse: Code
    reason: Text = "damaged"


class ShippedBody(Body):
    """Under which of its movement numbers a warehouse has shipped an article."""

    sku: Sku
    sequence: Annotated[int, Field(ge=1, le=2**53, examples=[41]), Whole]


class ShipBody(Body):
    """A warehouse has shipped its part of an order, under its movement numbers if any."""

    warehouse: Code
    sequences: list[ShippedBody] = Field(default_factory=list, max_length=LINES_MOST)


class ReturnBody(Body):
    """Units that came back after shipment."""

    return_id: Code | None = Field(None, description="Else the Idempotency-Key stands for it.")
    line: LineNumber
    quantity: Units
    reason: Text = "does not fit"


class PlacedLine(Shown):
    """A line of an order that was placed, and the units that were taken for it."""

    line: int
    sku: str
    quantity: int
    taken: int


class PlacedPiece(Shown):
    """Units of a line from one warehouse."""

    line: int
    sku: str
    warehouse: str
    quantity: int
    promised_ms: int


class PlacedShown(Shown):
    """The answer to an order: the same, byte for byte, to every delivery of it."""

    outcome: str = Field(examples=["placed"])
    order: str = Field(examples=["mall/o-1"])
    state: str = Field(examples=["held"])
    reason: str = Field(examples=[""])
    due_ms: int = Field(examples=[1_800_000_900_000], description="Pay before; 0: no deadline.")
    lines: list[PlacedLine]
    allocations: list[PlacedPiece]


class OrderLineShown(Shown):
    """A line as the buyer wrote it, and what was taken for it."""

    line: int = Field(examples=[1])
    sku: str = Field(examples=["phone-12"])
    activity: str = Field(examples=[""])
    quantity: int = Field(examples=[1])
    taken: int = Field(examples=[1])


class AllocationShown(Shown):
    """Units of a line from one warehouse, and where they are."""

    line: int = Field(examples=[1])
    piece: int = Field(examples=[1])
    generation: int = Field(examples=[1])
    sku: str = Field(examples=["phone-12"])
    warehouse: str = Field(examples=["shenzhen"])
    quantity: int = Field(examples=[1])
    state: AllocationState
    promised_ms: int = Field(examples=[1_800_000_000_000])


class OrderHead(Shown):
    """An order without its lines."""

    order: str = Field(examples=["mall/o-1"])
    channel: str = Field(examples=["mall"])
    number: str = Field(examples=["o-1"])
    buyer: str = Field(examples=["buyer-7"])
    address: str = Field(examples=["Guangdong/Shenzhen/Nanshan"])
    deduct_at: DeductAt
    partial: bool
    state: OrderState
    intent: str = Field(examples=["none"], description="What is under way with it just now.")
    generation: int = Field(examples=[1])
    placed_ms: int = Field(examples=[1_800_000_000_000])
    due_ms: int = Field(examples=[1_800_000_900_000])
    reason: str = Field(examples=[""])

    @classmethod
    def head_of(cls, order: ShopOrder) -> OrderHead:
        """An order without its lines."""
        names = set(OrderHead.model_fields) - {"order", "intent"}
        values = {name: getattr(order, name) for name in names}
        return OrderHead(order=order.order_id, intent=order.intent.value, **values)


class OrderShown(OrderHead):
    """An order as the store has it."""

    lines: list[OrderLineShown]
    allocations: list[AllocationShown]

    @classmethod
    def of(cls, view: OrderView) -> OrderShown:
        """An order with its lines and allocations."""
        head = OrderHead.head_of(view.order)
        return cls(
            **head.model_dump(),
            lines=[shown(OrderLineShown, one) for one in view.lines],
            allocations=[shown(AllocationShown, one) for one in view.allocations],
        )


class ChangedShown(Shown):
    """What an operation on an order answered, and the order after it."""

    outcome: str = Field(examples=["paid"])
    reason: str = Field(examples=[""])
    order: OrderShown | None
