"""How much acknowledged work a crash may cost: the loss window, measured or at most.

Where a power cut was brought about, the records say over what time orders were lost. Elsewhere the
durability of the stores bounds it, the weakest of them all: unless the record says that the
strategy declares no loss of keys, a Redis that flushes every second bounds it to a second. A bound
is never too small; a measured window says what happened, not what can.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from reports.wording import ABSENT, figure, is_figure

_CRASHES = ("power_lost", "failover_with_lag")
_BOUNDS_S = {
    "fsync, commit off": 0.6,  # three times PostgreSQL's wal_writer_delay, says its manual
    "flush at commit 1": 0.0,
    "flush at commit 2": 1.0,
    "flush at commit 0": 1.0,
    "no fsync": math.inf,
    "fsync, commit": 0.0,
    "aof always": 0.0,
    "aof everysec": 1.0,
    "aof no": math.inf,
    "no aof": math.inf,
}
"""What each store's words bound the window to; the first that they start with decides."""


@dataclass(frozen=True, slots=True)
class LossWindow:
    """Seconds of acknowledged orders that a crash takes; NaN if the record does not say."""

    seconds: float
    measured: bool

    @property
    def words(self) -> str:
        """`none`, `0.61 s, measured`, `at most 1 s`, `no bound`."""
        if math.isnan(self.seconds):
            return ABSENT
        if math.isinf(self.seconds):
            return "no bound"
        size = f"{figure(self.seconds, 2)} s" if self.seconds else "none"
        if self.measured:
            return f"{size}, measured"
        return f"at most {size}" if self.seconds else size

    @property
    def worst_s(self) -> float:
        """For comparing: what is not known may be anything."""
        return math.inf if math.isnan(self.seconds) else self.seconds


def loss_window(row: pd.Series) -> LossWindow:
    """The window of a row: what a crash took, else what durability and declaration bound it to."""
    struck = row["faults"].get("struck") or {}
    span_s = row["faults"].get("lost_span_s")
    if is_figure(span_s) and any(crash in struck for crash in _CRASHES):
        return LossWindow(float(span_s), measured=True)
    bounds = [_bound_s(words) for words in _stores(row)]
    return LossWindow(max(bounds, default=math.nan, key=_unknown_last), measured=False)


def _stores(row: pd.Series) -> list[str]:
    """The durability of the stores on which the truth may lie."""
    stores = [words.strip().lower() for words in row["durability"].split(";")]
    if row["loses"] is not None and not any(crash in row["loses"] for crash in _CRASHES):
        rows = [words for words in stores if "aof" not in words]
        return rows or stores
    return stores


def _bound_s(words: str) -> float:
    return next((bound for start, bound in _BOUNDS_S.items() if words.startswith(start)), math.nan)


def _unknown_last(bound_s: float) -> float:
    return math.inf if math.isnan(bound_s) else bound_s
