"""A recommendation on the terminal: the answer first, the reasons, and what would change it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.table import Table

from scenarios.recommending.ranking import Placed
from scenarios.recommending.recommendation import Recommendation
from workbench.screen import results

SURENESS = {
    "sure": "sure",
    "likely": "likely",
    "close": "close: measure both before you decide",
    "not measured": "not measured: a guess of the simulation, to be measured before it is believed",
}


def show(found: Recommendation, said: Mapping[str, Any]) -> None:
    """Print it. `said`: what `--json` would print."""
    console = results()
    if found.named:
        console.print(_table(found))
        console.print()
    for line in lines_of(found, said):
        console.print(line, soft_wrap=True, markup=False)


def lines_of(found: Recommendation, said: Mapping[str, Any]) -> Iterator[str]:
    """Everything below the table."""
    if found.first is None:
        yield _nobody(found, said)
    else:
        yield from _first(found.first)
        yield from _how_sure(found, said)
    if found.not_measured:
        yield f"not measured: {'; '.join(found.not_measured)}"
    yield from _turns(found)
    yield from _left_out(found)
    if found.first is not None:
        yield from ("", "put it to the test:", *(f"  {each}" for each in said["commands"].values()))


def _table(found: Recommendation) -> Table:
    table = Table(box=None, pad_edge=False)
    for head, side in (
        ("", "right"),
        ("strategy", "left"),
        ("orders\nper s", "right"),
        ("two times\nin three", "right"),
        ("p99\nms", "right"),
        ("to operate", "left"),
        ("may lose\ns", "right"),
        ("proved", "left"),
    ):
        table.add_column(head, justify="right" if side == "right" else "left", overflow="fold")
    for rank, each in enumerate(found.named, 1):
        figure, candidate = each.figure, each.candidate
        table.add_row(
            f"{rank}",
            each.name,
            f"{figure.per_s:,.0f}",
            f"{figure.low:,.0f} to {figure.high:,.0f}",
            "–" if figure.p99_ms is None else f"{figure.p99_ms:.3g}",
            ", ".join(candidate.parts),
            f"{candidate.loss_s:g}",
            "✓ holds",
        )
    return table


def _nobody(found: Recommendation, said: Mapping[str, Any]) -> str:
    if found.broken:
        return "nobody is recommended: who fits breaks a promise that it makes"
    if said["quick"] and found.not_measured:
        return "nobody is recommended: nothing alike was measured; leave --quick out to simulate it"
    return "nobody is recommended: no strategy fits what is tolerated"


def _first(placed: Placed) -> Iterator[str]:
    verb = "" if placed.fits else ", though it does not carry the rate with head-room"
    yield f"recommended: {placed.name}{verb}"
    reasons = list(placed.reasons())
    yield f"  because: {reasons[0]}"
    yield from (f"  {reason}" for reason in reasons[1:])
    yield from (f"  but: {caution}" for caution in placed.cautions())


def _how_sure(found: Recommendation, said: Mapping[str, Any]) -> Iterator[str]:
    chance = f" (about {found.probability:.0%})" if found.probability is not None else ""
    like = f"; most like the measured situation {found.like}" if found.like else ""
    yield f"how sure: {SURENESS[found.sure]}{chance}{like}"
    record = said["track_record"]
    if record["of"]:
        yield (
            f"in measured situations that were held back one by one, the first was right"
            f" {record['hits']} times of {record['of']}"
        )


def _turns(found: Recommendation) -> Iterator[str]:
    flips = [turn for turn in found.turns if turn.flips]
    same = [turn.change for turn in found.turns if not turn.flips]
    if flips:
        yield "what would change it:"
        yield from (f"  {turn.says}" for turn in flips)
    if same:
        yield f"what would not: {'; '.join(same)}"


def _left_out(found: Recommendation) -> Iterator[str]:
    """Who was left out, by rule; controls and the floor need no word."""
    by_rule: dict[str, list[str]] = {}
    for each in found.excluded:
        by_rule.setdefault(each.rules[0].name, []).append(each.candidate.name)
    for rule, names in by_rule.items():
        if rule not in ("control", "floor"):
            yield f"left out, {rule}: {', '.join(names)}"
    if found.broken:
        yield f"left out, not proved: {', '.join(found.broken)}"
    if found.failed:
        yield (
            f"left out, did not hold when simulated or measured in a situation like this:"
            f" {', '.join(found.failed)}"
        )
    if found.unknown:
        yield f"left out, no figure: {', '.join(found.unknown)}"
    if found.also:
        yield f"fit too, not proved here: {', '.join(each.name for each in found.also)}"
