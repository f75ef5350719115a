"""What stock management answers: a closed vocabulary and a frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class StockSaid(Enum):
    """What an operation of stock management answers when nothing broke."""

    DONE = "done"
    ALREADY_DONE = "already_done"  # an earlier delivery of the same key did it
    MISMATCHED = "mismatched"  # the same key, or code, with another content
    NOT_ENOUGH = "not_enough"  # too few units; nothing was changed
    UNDER_WAY = "under_way"  # begun and not finished; ask again, or let `finish` do it
    CLOSING = "closing"  # orders of the activity are under way; ask again
    STALE = "stale"  # a newer count is known
    NOT_FOUND = "not_found"
    TOO_LATE = "too_late"  # its state does not allow it any more (or not yet); `reason` says why


@dataclass(frozen=True, slots=True)
class StockAnswer:
    """What an operation answers. `quantity`: the units that it moved; `reason` is for people."""

    said: StockSaid
    reason: str = ""
    quantity: int = 0

    @property
    def done(self) -> bool:
        """Has it been done, now or before?"""
        return self.said in (StockSaid.DONE, StockSaid.ALREADY_DONE)
