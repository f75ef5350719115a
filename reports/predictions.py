"""What a simulation predicted, beside what was measured in the same comparison."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import pandas as pd

from reports.load import Comparison
from reports.standing import standing_of
from reports.wording import ABSENT, figure, is_figure


@dataclass(frozen=True, slots=True)
class Predicted:
    """One strategy in both worlds: deductions a second, and p99 in ms (NaN: too few samples)."""

    label: str
    strategy: str
    measured_per_s: float
    low_per_s: float
    high_per_s: float
    predicted_per_s: float
    measured_p99_ms: float
    predicted_p99_ms: float

    @property
    def error(self) -> float:
        """Of the speed, with its sign, as a share of what was measured."""
        return self.predicted_per_s / self.measured_per_s - 1


def predictions(comparison: Comparison) -> list[Predicted]:
    """Every measured row whose strategy was simulated on the same stack, as the table has them."""
    simulated = {
        (row["strategy"], row.get("stack")): row for row in comparison.about.get("predicted") or ()
    }
    found = []
    for _, row in standing_of(comparison).in_order.iterrows():
        other = simulated.get((row["strategy"], row["stack"]))
        if other and row["world"] == "measured" and not row["floor"] and row["goodput_per_s"] > 0:
            found.append(_predicted(row, other))
    return found


def prediction_title(found: Sequence[Predicted]) -> str:
    """How far the predictions are off."""
    off = sorted(found, key=lambda one: abs(one.error))
    worst, middle = off[-1], median(abs(one.error) for one in off)
    if len(off) == 1:
        return f"The prediction of {worst.label} is off by {_percent(worst.error)}"
    return (
        f"Predictions are off by {middle:.0%} at the median, and by {_percent(worst.error)} at the"
        f" worst, {worst.label}"
    )


def prediction_words(comparison: Comparison) -> str:
    """With which costs it was predicted, and how well the order was met."""
    profile = comparison.about.get("profile") or {}
    tau = (comparison.about.get("prediction") or {}).get("kendall_tau")
    costs = f"Costs: the profile {profile['name']} ({profile['title']})." if profile else ""
    order = (
        f" Of the pairs that the measurement separates, Kendall's tau is {figure(tau, 2)}: 1 if the"
        " simulation ranks all of them alike, 0 if it guesses."
        if is_figure(tau)
        else ""
    )
    return f"{costs}{order}".strip()


def _predicted(row: pd.Series, other: dict[str, Any]) -> Predicted:
    return Predicted(
        row["label"],
        row["strategy"],
        float(row["goodput_per_s"]),
        float(row["goodput_per_s_low"]),
        float(row["goodput_per_s_high"]),
        float(other["goodput_per_s"]),
        float(row["accepted_latency_ms_p99"]),
        _known(other.get("accepted_latency_ms_p99")),
    )


def _known(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _percent(share: float) -> str:
    return f"{share:+.0%}" if is_figure(share) else ABSENT
