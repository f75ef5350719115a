"""CSV files as they are named and answered."""

from __future__ import annotations

from enum import Enum
from typing import Literal

from pydantic import Field

from inventory_core.api.fields import Shown


class Table(Enum):
    """A table that goes in and out as CSV, in the order in which an empty service takes them."""

    WAREHOUSES = "warehouses"
    SERVICES = "services"
    RESTRICTIONS = "restrictions"
    CHANNELS = "channels"
    PHYSICAL = "physical"
    SELLABLE = "sellable"


class RefusedLineShown(Shown):
    """A line that was not done, while the others were."""

    line: int = Field(examples=[3], description="The header is line 1.")
    sentence: str = Field(examples=["unassigned has fewer than 9 of phone-12; free some"])


class CsvChangeShown(Shown):
    """What a line would change."""

    line: int = Field(examples=[2])
    subject: str = Field(examples=["shenzhen, phone-12"])
    before: str = Field(examples=["physical=40"], description="Empty: it would be new.")
    after: str = Field(examples=["physical=42"])


class ImportShown(Shown):
    """What an import did, the same to every delivery of its key; or what it would do."""

    outcome: Literal["done", "would"] = "done"
    table: Table
    key: str = Field(examples=["stock-of-monday"])
    lines: int = Field(examples=[1])
    changed: int = Field(examples=[1])
    unchanged: int = Field(examples=[0])
    refused: list[RefusedLineShown]
    changes: list[CsvChangeShown] = Field(description="Of a dry run.")
