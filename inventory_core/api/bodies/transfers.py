"""Transfer orders between warehouses, and counts of what lies there."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from inventory_core.api.fields import Body, Code, Shown, Sku, TimeMs, Units
from inventory_core.records import TransferState

LINES_MOST = 200


class TransferLineBody(Body):
    """Units of an article to send."""

    sku: Sku
    quantity: Units


class TransferBody(Body):
    """Units from one warehouse to another."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "source": "shenzhen",
                    "target": "chengdu",
                    "lines": [{"sku": "phone-12", "quantity": 4}],
                }
            ]
        }
    )

    source: Code
    target: Code
    due_ms: TimeMs = 0
    lines: list[TransferLineBody] = Field(min_length=1, max_length=LINES_MOST)


class ReceivedBody(Body):
    """What arrived; no lines: everything that is in transit."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"lines": [{"sku": "phone-12", "quantity": 4}]}]}
    )

    lines: list[TransferLineBody] = Field(default_factory=list, max_length=LINES_MOST)


class TransferLineShown(Shown):
    """An article of a transfer order."""

    sku: str = Field(examples=["phone-12"])
    quantity: int = Field(examples=[4])
    in_transit: int = Field(examples=[4])
    received: int = Field(examples=[0])


class TransferHead(Shown):
    """A transfer order without its lines."""

    code: str = Field(examples=["t-1"])
    source: str = Field(examples=["shenzhen"])
    target: str = Field(examples=["chengdu"])
    state: TransferState
    created_ms: int = Field(examples=[1_800_000_000_000])
    due_ms: int = Field(examples=[0])


class TransferShown(TransferHead):
    """A transfer order."""

    lines: list[TransferLineShown]
