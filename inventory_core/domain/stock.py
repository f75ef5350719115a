"""Where units are counted: the cell, one countable pool of one article in one place."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def refuse_control_characters(what: str, text: str) -> None:
    """Names go into rows, keys and logs, where a zero byte or a line's end would cut them."""
    if not text.isprintable() and _CONTROL.search(text):
        raise ValueError(f"the {what} {text!r} holds a control character; leave it out")


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """One countable pool: an article (SKU) in a place (a channel, an activity or a warehouse).

    Cells are ordered, first by SKU, then by place: everybody who locks several cells locks them
    in this order, so that two baskets never wait for each other in a circle.
    """

    sku: str
    place: str = "online"

    def __post_init__(self) -> None:
        refuse_control_characters("SKU", self.sku)
        refuse_control_characters("place", self.place)
        if "@" in self.place:
            raise ValueError(f"the place {self.place!r} has an @, which parts it from the SKU")

    def __hash__(self) -> int:
        return hash(self.sku)  # a text knows its own; an article is in few places

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
