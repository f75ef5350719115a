"""Which differences of speed are more than chance, as the records say: nothing is tested again.

`measure` and `compare` set every strategy that holds beside the fastest of them (Mann-Whitney,
Holm's correction, Cliff's delta) and keep what came of it, from five repetitions on.
"""

from __future__ import annotations

import pandas as pd

from reports.load import Comparison
from reports.questions.shelf import anew, lacking, without_rows
from reports.wording import listed

_COLUMNS = ["strategy", "stack", "best", "ratio", "ratio_low", "ratio_high", "p", "effect"]


def tests(comparison: Comparison) -> pd.DataFrame:
    """One row a strategy that holds, beside the best: their ratio, its interval, p, effect."""
    found = list(comparison.about.get("comparisons") or ())
    return pd.DataFrame(found, columns=[*_COLUMNS, "significant"])


def answer(comparison: Comparison) -> list[str]:
    """Who is slower than the best by more than chance, and of whom it cannot be said."""
    if nothing := without_rows(comparison):
        return lacking(*nothing)
    found = tests(comparison)
    if found.empty:
        return [
            f"{comparison.path.name} was published without tests of its differences, so only the"
            f" intervals say what may be luck. {anew(comparison.path.name)}"
        ]
    best = found["best"].iloc[0]
    slower = [
        f"{row.strategy} ({row.ratio:.2g} times, p {row.p:.2g})"
        for row in found[found["significant"].astype(bool)].itertuples()
    ]
    level = found.loc[~found["significant"].astype(bool), "strategy"].tolist()
    sentences = []
    if slower:
        sentences.append(f"Slower than {best} by more than chance: {listed(slower)}.")
    if level:
        sentences.append(f"Not told apart from {best}: {listed(level)}.")
    return sentences
