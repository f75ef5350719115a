"""Steps of load in words: who keeps up with how much, and what the scaling law says of clients.

The records are those of `measure --find-knee` (`knee`) and of `measure --curve` (`usl`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

FITS = 0.5
"""A law that explains less of how the rates differ is not put into words."""

Row = Mapping[str, Any]


def knee_title(knees: Sequence[Row]) -> str:
    """The finding: who keeps up with how much."""
    found = sorted(knees, key=lambda knee: -(knee["knee_per_s"] or 0))
    said = [
        f"{knee['strategy']} {knee['knee_per_s']:,.0f}/s"
        if knee["knee_per_s"]
        else f"{knee['strategy']}: below every rate tried"
        for knee in found
    ]
    return f"Kept up with: {', '.join(said)}"


def curve_title(curves: Sequence[Row]) -> str:
    """The finding: where each is at its best."""
    said = []
    for curve in curves:
        best = max(curve["points"], key=lambda point: point["goodput_per_s"])
        said.append(f"{curve['strategy']} {best['goodput_per_s']:,.0f}/s with {best['clients']}")
    return f"At its best: {', '.join(said)} clients"


def knee_said(knee: Row) -> str:
    """The knee of one strategy in words."""
    limit = f"a p99 within {knee['limit_ms']:g} ms"
    if not knee["knee_per_s"]:
        return f"{knee['strategy']}: no rate that was tried had {limit}"
    fails = knee.get("fails_at_per_s")
    beyond = f"; at {fails:,.0f}/s it no longer did" if fails else "; nothing faster was tried"
    return f"{knee['strategy']} kept {limit} up to {knee['knee_per_s']:,.0f} orders/s{beyond}"


def law_said(curve: Row) -> str:
    """The fitted law in words."""
    law = curve["law"]
    if law is None:
        return f"{curve['strategy']}: no law fitted, because {curve['why']}"
    if law["r_squared"] < FITS:
        return (
            f"{curve['strategy']}: the scaling law does not fit these rates (R²"
            f" {law['r_squared']:.2f}), so its parameters say nothing: give it more seconds"
        )
    peak = law["peak_clients"]
    best = "and no peak" if peak is None else f"and a peak at {peak:,.0f} clients"
    return (
        f"{curve['strategy']}: {law['alone_per_s']:,.0f}/s alone, {law['waits']:.1%} of the work"
        f" one at a time ({law['waits_low']:.1%} to {law['waits_high']:.1%}), {law['talks']:.2%}"
        f" for each pair ({law['talks_low']:.2%} to {law['talks_high']:.2%}), {best};"
        f" R² {law['r_squared']:.2f}"
    )


def steps_headline(about: Row) -> str:
    """The answer of a record of steps; empty if it has none."""
    if knees := about.get("knee"):
        return f"{knee_title(knees)}."
    curves = about.get("usl")
    return f"{curve_title(curves)}." if curves else ""


def steps_sentences(about: Row) -> list[str]:
    """One sentence a strategy."""
    knees = [f"{knee_said(knee)}." for knee in about.get("knee") or ()]
    return knees or [f"{law_said(curve)}." for curve in about.get("usl") or ()]
