"""Who holds, who is the fastest among them, who is void: decided once, told everywhere.

Only rows of one world are ranked together: the measured ones where there are any, else the loaded
ones. A void row has no rank, however fast it was, and neither has one whose verdict is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from reports.load import Comparison


@dataclass(frozen=True, slots=True)
class Standing:
    """The rows of a comparison, sorted into those that may be ranked and those that may not."""

    world: str
    holding: pd.DataFrame  # fastest first
    void: pd.DataFrame
    unknown: pd.DataFrame
    controls: pd.DataFrame
    floor: pd.DataFrame
    elsewhere: pd.DataFrame  # rows of the other world, never ranked with these
    offered_per_s: float | None = None  # open loop: orders asked for; none when clients wait

    @property
    def fastest(self) -> pd.Series | None:
        """The fastest row that holds; none if nothing holds or nothing was timed."""
        timed = self.holding.dropna(subset=["goodput_per_s"])
        return None if timed.empty else timed.iloc[0]

    @property
    def level(self) -> list[str]:
        """Those whose interval reaches into the fastest one's: this run cannot tell them apart."""
        first = self.fastest
        return [] if first is None else overlapping(first, self.holding)

    @property
    def in_order(self) -> pd.DataFrame:
        """All rows as the table shows them: rivals, controls, floor."""
        parts = [self.holding, self.unknown, self.void, self.controls, self.floor]
        return pd.concat([part for part in parts if not part.empty] or parts)


def overlapping(best: pd.Series, rows: pd.DataFrame) -> list[str]:
    """The labels of the other rows whose interval reaches into that of the best."""
    others = rows[rows["label"] != best["label"]]
    return list(others.loc[others["goodput_per_s_high"] >= best["goodput_per_s_low"], "label"])


WORLDS = ("measured", "loaded", "predicted")
"""Of rows of several worlds, those of the first that is there are ranked."""


def standing_of(comparison: Comparison) -> Standing:
    """Sort the comparison's rows."""
    rows = comparison.rows
    there = set(rows["world"]) or {WORLDS[0]}
    world = next(each for each in WORLDS if each in there)
    sorted_rows = rows[rows["world"] == world].sort_values(
        "goodput_per_s", ascending=False, kind="stable", na_position="last"
    )
    rivals = sorted_rows[~sorted_rows["control"] & ~sorted_rows["floor"]]
    return Standing(
        world=world,
        holding=rivals[rivals["verdict"] == "holds"],
        void=rivals[rivals["verdict"] == "void"],
        unknown=rivals[~rivals["verdict"].isin(["holds", "void"])],
        controls=sorted_rows[sorted_rows["control"] & ~sorted_rows["floor"]],
        floor=sorted_rows[sorted_rows["floor"]],
        elsewhere=rows[rows["world"] != world],
        offered_per_s=_offered_per_s(comparison),
    )


def _offered_per_s(comparison: Comparison) -> float | None:
    """The rate of an open loop: there, goodput says who keeps up, not who is the fastest."""
    demand = (comparison.about.get("question") or {}).get("demand") or {}
    return float(demand["rate_per_s"]) if demand.get("kind") == "open" else None
