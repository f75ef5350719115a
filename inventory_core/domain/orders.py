"""What a buyer asks for: an order of one or many lines, all or nothing.

An order may name the same cell twice and quantities above one. `lines` keeps what the buyer wrote
(the deduction log has one row for each); `takes` is the same demand added up by cell and sorted,
which is what a strategy takes, in one lock order for everybody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from operator import attrgetter

from inventory_core.domain.stock import Cell, refuse_control_characters


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """So many units (>= 1) of one cell."""

    cell: Cell
    quantity: int

    def __post_init__(self) -> None:
        if self.quantity < 1:
            raise ValueError(f"a line asks for {self.quantity} of {self.cell}; say 1 or more")


_by_cell = attrgetter("cell.sku", "cell.place", "quantity")  # as lines compare, but faster
_EMPTY = blake2b(digest_size=16)


def add_up(lines: Iterable[Line]) -> tuple[Line, ...]:
    """The same demand with one line a cell, sorted by cell."""
    total: dict[tuple[str, str], Line] = {}
    for line in lines:
        cell = line.cell
        name = cell.sku, cell.place
        before = total.get(name)
        total[name] = Line(cell, before.quantity + line.quantity) if before else line
    return tuple([total[name] for name in sorted(total)])


@dataclass(frozen=True, slots=True)
class Order:
    """A buyer's order. Its `number` is the idempotency key: same number, same order, one effect.

    `hold_s` is how long (seconds) the hold lasts unpaid. `fingerprint` tells whether two deliveries
    of one number carry the same body (32 hexadecimal digits over buyer and lines).
    """

    number: str
    lines: tuple[Line, ...]
    buyer: str = ""
    hold_s: float = 900.0
    takes: tuple[Line, ...] = field(init=False, repr=False, compare=False)
    _known: str = field(init=False, repr=False, compare=False)  # the fingerprint, once asked for

    def __post_init__(self) -> None:
        refuse_control_characters("order number", self.number)
        if not self.lines:
            raise ValueError(f"order {self.number} has no line; give at least one")
        takes = self.lines if len(self.lines) == 1 else add_up(self.lines)
        object.__setattr__(self, "takes", takes)
        object.__setattr__(self, "_known", "")

    @property
    def fingerprint(self) -> str:
        """The digest of buyer and lines; not every strategy asks for it, so it is made late."""
        if not self._known:
            object.__setattr__(self, "_known", self._digest())
        return self._known

    def _digest(self) -> str:
        lines = self.lines if len(self.lines) == 1 else sorted(self.lines, key=_by_cell)
        body = self.buyer
        for line in lines:
            cell = line.cell
            body += f"\n{cell.sku}\t{cell.place}\t{line.quantity}"
        digest = _EMPTY.copy()
        digest.update(body.encode())
        return digest.hexdigest()
