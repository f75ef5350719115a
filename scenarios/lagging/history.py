"""What a run leaves behind: every change of the source, every look at the window. Judged later."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from scenarios.lagging.source import Row
from scenarios.lagging.window import Arrival


class Answer(StrEnum):
    """How a shopper's visit ended."""

    LOOKED = "looked"  # and wanted nothing
    WENT_AWAY = "went_away"  # wanted one, and the window said sold out
    SOLD = "sold"
    REFUSED = "refused"  # at the checkout


class Changed(NamedTuple):
    """The source became this. Live, the time is that of the reply: late rather than early."""

    at_s: float
    article: int
    row: Row
    sold: int  # 1: an order was accepted; less than nought: so many units came in


class Look(NamedTuple):
    """A shopper looked; live, the time is that before the copy was read."""

    at_s: float
    article: int
    shown: Row
    answer: Answer


@dataclass(slots=True)
class History:
    """One run. `written` rows of the copy, `read` rows of the source; `differing` at rest."""

    articles: int
    quantity: int
    seconds: float
    changes: list[Changed] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)
    written: int = 0
    ignored: int = 0
    read: int = 0
    differing: int = 0
    late_s: list[float] = field(default_factory=list)  # live: visits after their time
