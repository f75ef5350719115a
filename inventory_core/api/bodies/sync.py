"""Counts, movements and runs of synchronisation as they are asked for and shown."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from inventory_core.api.fields import Body, Code, Shown, Sku, Whole
from inventory_core.records import MovementKind, SyncState

Counted = Annotated[int, Field(ge=0, le=1_000_000_000, examples=[12]), Whole]
Through = Annotated[
    int,
    Field(
        ge=0,
        le=2**53,
        examples=[41],
        description="The warehouse's movement number up to which the count holds.",
    ),
    Whole,
]
Delta = Annotated[int, Field(ge=-1_000_000_000, le=1_000_000_000, examples=[10]), Whole]


class CountBody(Body):
    """So many units of an article lay there, every movement up to `through` included."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"sku": "phone-12", "quantity": 12, "through": 41}]}
    )

    key: Code | None = Field(None, description="Else the Idempotency-Key stands for it.")
    sku: Sku
    quantity: Counted
    through: Through


class MovementBody(Body):
    """A movement that a warehouse confirms, under its own number."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"sequence": 42, "sku": "phone-12", "kind": "receipt", "delta": 10}]
        }
    )

    sequence: Annotated[int, Field(ge=1, le=2**53), Whole]
    sku: Sku
    kind: MovementKind
    delta: Delta
    reference: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]*$", max_length=200)] = ""


class SyncBody(Body):
    """Ask a warehouse's system for its counts: of one article, or of all."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"sku": "phone-12"}]})

    run: Code | None = Field(None, description="Else the Idempotency-Key stands for it.")
    sku: Sku | None = Field(None, description="None: a full synchronisation.")


class SyncShown(Shown):
    """A run of synchronisation, and how far it is."""

    run: str = Field(examples=["nightly-7"])
    warehouse: str = Field(examples=["shenzhen"])
    sku: str = Field(examples=[""], description="Empty: a full one.")
    state: SyncState
    started_ms: int = Field(examples=[1_800_000_000_000])
    ended_ms: int = Field(examples=[0])
    pages: int = Field(examples=[3])
    staged: int = Field(examples=[250])
    applied: int = Field(examples=[250])
    changed: int = Field(examples=[4])
    stale: int = Field(examples=[0])
    absent: int = Field(examples=[0])
    reason: str = Field(examples=[""])
