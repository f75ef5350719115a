"""What shoppers saw, judged from a history: the same judge for both worlds.

A look is held against what the source was at that moment:

    stale            the copy's version is not the newest
    false in stock   the window shows some, and there is none
    false sold out   the window shows none, and there is some; a lost sale if one was wanted

Oversold is judged from the orders alone, not from what the source says of itself: units that came
in, less orders that were accepted, less than nought.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import accumulate, pairwise
from statistics import fmean, median

from scenarios.lagging.history import Answer, History, Look
from scenarios.lagging.paths import SyncPath
from scenarios.lagging.source import Row


@dataclass(frozen=True, slots=True)
class Figures:
    """One run. Shares are of all looks; `behind` is how long what was shown had not been so."""

    looks: float
    changes: float
    sold: float
    stale_share: float
    stale_share_theory: float
    behind_ms_mean: float
    behind_ms_p99: float
    false_in_stock: float
    false_sold_out: float
    refused: float
    lost_sales: float
    oversold: float
    lag_ms_p50: float
    lag_ms_p99: float
    writes_per_change: float
    reads_per_change: float
    ignored: float
    differing: float  # articles whose copy is wrong at rest
    silent_ms: float  # the longest time in which the copy heard of nothing
    late_ms_p99: float


class _Article:
    """The source's history of one article."""

    def __init__(self, quantity: int, changes: Sequence[tuple[float, Row, int]]) -> None:
        ordered = sorted(changes, key=lambda change: change[1].version)
        # Replies may overtake each other; versions do not, so no change is later than the next.
        self.times = list(accumulate((at_s for at_s, _, _ in ordered), max))
        self._rows = [Row(quantity, 0), *(row for _, row, _ in ordered)]
        assert [row.version for row in self._rows] == list(range(len(self._rows))), "changes missed"
        left = [quantity - gone for gone in accumulate(sold for _, _, sold in ordered)]
        self.oversold = sum(
            units < 0 and sold > 0 for units, (_, _, sold) in zip(left, ordered, strict=True)
        )

    def at(self, moment_s: float) -> Row:
        """What the source was just before: in virtual time an order takes none."""
        return self._rows[bisect_left(self.times, moment_s)]

    def behind_s(self, look: Look) -> float:
        """How long what was shown had not been so; nought if it was the newest."""
        if look.shown.version >= self.at(look.at_s).version:
            return 0.0
        return look.at_s - self.times[look.shown.version]


def judge(history: History, path: SyncPath) -> Figures:
    """The figures of a run."""
    articles = _articles(history)
    behind_s = [articles[look.article].behind_s(look) for look in history.looks]
    seen = [(look, articles[look.article].at(look.at_s)) for look in history.looks]
    stale = sum(look.shown.version < there.version for look, there in seen)
    lags_s = sorted(_lags(history, articles))
    unseen = [look for look, there in seen if not look.shown.units and there.units > 0]
    sold = sum(look.answer is Answer.SOLD for look in history.looks)
    looks, changes = len(seen), len(history.changes)
    each_s = history.seconds * history.articles
    return Figures(
        looks=looks,
        changes=changes,
        sold=sold,
        stale_share=stale / max(looks, 1),
        stale_share_theory=path.stale_share(changes / each_s, looks / each_s, sold / max(looks, 1)),
        behind_ms_mean=fmean(behind_s or [0.0]) * 1e3,
        behind_ms_p99=_share_of(sorted(behind_s), 0.99) * 1e3,
        false_in_stock=sum(look.shown.units > 0 and not there.units for look, there in seen),
        false_sold_out=len(unseen),
        refused=sum(look.answer is Answer.REFUSED for look, _ in seen),
        lost_sales=sum(look.answer is Answer.WENT_AWAY for look in unseen),
        oversold=sum(article.oversold for article in articles),
        lag_ms_p50=_share_of(lags_s, 0.5) * 1e3,
        lag_ms_p99=_share_of(lags_s, 0.99) * 1e3,
        writes_per_change=history.written / max(changes, 1),
        reads_per_change=history.read / max(changes, 1),
        ignored=history.ignored,
        differing=history.differing,
        silent_ms=_silent_s(history) * 1e3,
        late_ms_p99=_share_of(sorted(history.late_s), 0.99) * 1e3,
    )


def combined(runs: Sequence[Figures]) -> dict[str, float]:
    """The median of every figure; of some, the least and the most, too."""
    row: dict[str, float] = {}
    for each in fields(Figures):
        values = [float(getattr(run, each.name)) for run in runs]
        row[each.name] = median(values)
        if each.name in ("stale_share", "lost_sales", "refused", "oversold", "differing"):
            row[f"{each.name}_low"], row[f"{each.name}_high"] = min(values), max(values)
    return row


def _articles(history: History) -> list[_Article]:
    changes: list[list[tuple[float, Row, int]]] = [[] for _ in range(history.articles)]
    for at_s, article, row, sold in history.changes:
        changes[article].append((at_s, row, sold))
    return [_Article(history.quantity, each) for each in changes]


def _lags(history: History, articles: Sequence[_Article]) -> Iterator[float]:
    """From each change until the copy knew of it, or of a newer one."""
    seen: list[list[tuple[int, float]]] = [[] for _ in articles]
    for at_s, article, version in history.arrivals:
        if not seen[article] or seen[article][-1][0] < version:
            seen[article].append((version, at_s))
    for history_of_one, arrivals in zip(articles, seen, strict=True):
        for version, changed_s in enumerate(history_of_one.times, 1):
            place = bisect_left(arrivals, (version, float("-inf")))
            if place < len(arrivals):
                yield max(0.0, arrivals[place][1] - changed_s)


def _silent_s(history: History) -> float:
    """Until the end of the sale, if it was silent then."""
    times = [0.0, *(arrival.at_s for arrival in history.arrivals), history.seconds]
    return max(later - sooner for sooner, later in pairwise(times))


def _share_of(ordered: Sequence[float], share: float) -> float:
    """The value that this share does not exceed; nought of nothing."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
