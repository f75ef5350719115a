"""Where units are counted: the cell, one countable pool of one article in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """One countable pool: an article (SKU) in a place (a channel, an activity or a warehouse).

    Cells are ordered, first by SKU, then by place: everybody who locks several cells locks them
    in this order, so that two baskets never wait for each other in a circle.
    """

    sku: str
    place: str = "online"

    def __str__(self) -> str:
        return f"{self.sku}@{self.place}"


@dataclass(frozen=True, slots=True)
class Opening:
    """How many units (>= 0) a cell starts with; the first entry of its journal."""

    cell: Cell
    quantity: int

    def __post_init__(self) -> None:
        if self.quantity < 0:
            raise ValueError(f"{self.cell} cannot open with {self.quantity} units; say 0 or more")
