"""The answer in plain words, first thing on the page, and computed from the figures alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from reports import faults, laws, shop
from reports.costs import cost_words
from reports.frontier import frontier_title, points_of
from reports.load import Comparison
from reports.predictions import prediction_title, predictions
from reports.proofs import is_caught, proof_title
from reports.standing import Standing, overlapping, standing_of
from reports.wording import count, figure, is_figure, listed, many, number_word, started

_DAMAGE = (
    ("oversold_units", "unit oversold", "units oversold"),
    ("duplicated_orders", "order deducted twice", "orders deducted twice"),
    ("lost_orders", "acknowledged order lost", "acknowledged orders lost"),
    ("leaked_units", "unit leaked", "units leaked"),
    ("surplus_units", "unit sold and still for sale", "units sold and still for sale"),
    ("phantom_orders", "order that took effect unasked", "orders that took effect unasked"),
    ("answers_changed", "order answered in two ways", "orders answered in two ways"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the page says before it shows anything."""

    headline: str
    sentences: tuple[str, ...]
    warnings: tuple[str, ...]


def answer_of(comparison: Comparison) -> Answer:
    """The answer, from the rows and the proofs of a comparison."""
    standing = standing_of(comparison)
    if steps := laws.steps_headline(comparison.about):
        bound = tuple(_about_the_driver(standing.holding))
        return Answer(steps, tuple(laws.steps_sentences(comparison.about)), bound)
    asked_a_shop = shop.is_shop(comparison)
    return Answer(
        headline=shop.headline(comparison, standing) if asked_a_shop else headline_of(standing),
        sentences=tuple(_sentences(comparison, standing)),
        warnings=tuple(_warnings(comparison, standing)),
    )


def headline_of(standing: Standing) -> str:
    """One sentence: which strategy, or why none."""
    first = standing.fastest
    if first is None:
        reason = "none was timed" if not standing.holding.empty else "none of them holds"
        return f"No strategy can be recommended from this run: {reason}."
    if standing.offered_per_s is not None:
        holding = standing.holding["label"].tolist()
        verb = "holds" if len(holding) == 1 else "hold"
        return f"{listed(holding)} {verb} under {figure(standing.offered_per_s)} orders a second."
    if standing.level:
        rivals = listed([first["label"], *standing.level])
        return f"{rivals} hold, and this run cannot tell which of them is the fastest."
    if len(standing.holding) == 1:
        return f"{first['label']} is the only strategy here that holds."
    return f"{first['label']} is the fastest strategy that holds."


def grade_of(comparison: Comparison) -> str:
    """What the figures are worth, by how they were made."""
    about = comparison.about
    times, seconds = about.get("repetitions") or 0, about.get("seconds") or 0
    made = ""
    if times and seconds:
        repetitions = "repetition" if times == 1 else "repetitions"
        unit = "second" if seconds == 1 else "seconds"
        made = f"{number_word(times)} {repetitions} of {number_word(seconds)} {unit}"
    grade = str(about.get("grade") or "unnamed")
    if grade == "demo":
        return f"Demo grade: {made or 'a few short runs'} are an orientation, not evidence."
    return f"{started(grade)} grade{': ' + made if made else ''}."


def interval_of(row: pd.Series) -> str:
    """`8,200/s (7,630 to 8,690)`."""
    rate = f"{figure(row['goodput_per_s'])}/s"
    low, high = row["goodput_per_s_low"], row["goodput_per_s_high"]
    return f"{rate} ({figure(low)} to {figure(high)})" if is_figure(low) else rate


def reason_of(row: pd.Series) -> str:
    """Why a row is void or unknown, in as few words as tell it."""
    damage = [
        f"{count(row[column])} {one if row[column] == 1 else several}"
        for column, one, several in _DAMAGE
        if is_figure(row[column]) and row[column] > 0
    ]
    broken = [f"“{promise}” broken" for promise in row["promises_broken"]]
    return listed(damage or broken) or row["note"] or "no reason was recorded"


def _sentences(comparison: Comparison, standing: Standing) -> Iterator[str]:
    first = standing.fastest
    if shop.is_shop(comparison):
        yield from shop.sentences(comparison, standing)
    elif first is not None and standing.offered_per_s is not None:
        yield from _waits(standing)
    elif first is not None:
        yield _speed(standing, first)
        yield from _other_durability(standing, first)
        others = standing.holding[standing.holding["label"] != first["label"]]["label"].tolist()
        if others:
            verb = "holds" if len(others) == 1 else "hold"
            yield f"{listed(others)} {verb} too: every check of every recorded attempt passed."
        if costs := cost_words(first):
            yield f"Each success of {first['label']} {costs}."
        yield from _choice(comparison)
    for _, row in standing.void.iterrows():
        yield f"{row['label']} is void: {reason_of(row)}. How fast it was means nothing."
    for _, row in standing.unknown.iterrows():
        yield f"{row['label']} is unknown: a check could not decide ({reason_of(row)})."
    yield from faults.sentences(comparison)
    yield from _about_controls(standing, proved=bool(comparison.proofs))
    yield from _about_proofs(comparison)
    yield from _about_predictions(comparison)


def _speed(standing: Standing, first: pd.Series) -> str:
    durable = f" with “{first['durability']}”" if first["durability"] else ""
    rate, interval = interval_of(first).split("/s", 1)
    text = (
        f"{first['label']} made {rate} first-time deductions a second{interval} on"
        f" {first['stack'] or 'its stack'}{durable}."
    )
    timed = standing.holding.dropna(subset=["goodput_per_s"])
    if len(timed) > 1 and not standing.level and timed.iloc[1]["goodput_per_s"] > 0:
        second = timed.iloc[1]
        times = first["goodput_per_s"] / second["goodput_per_s"]
        text += f" That is {times:.2g} times {second['label']}, the next: {interval_of(second)}."
    return text


def _waits(standing: Standing) -> Iterator[str]:
    """In an open loop: who let buyers wait, shortest first."""
    waited = standing.holding.sort_values("accepted_latency_ms_p50", na_position="last")
    for _, row in waited.iterrows():
        p99 = row["accepted_latency_ms_p99"]
        most = f", 99 of 100 within {figure(p99)} ms" if is_figure(p99) else ""
        yield (
            f"{row['label']}: {interval_of(row)}; half of the accepted orders were answered within"
            f" {figure(row['accepted_latency_ms_p50'])} ms{most}."
        )


def _other_durability(standing: Standing, first: pd.Series) -> Iterator[str]:
    """Speed that was bought with durability has to be told beside the speed."""
    others = standing.holding[standing.holding["durability"] != first["durability"]]
    for durability, rows in others.dropna(subset=["goodput_per_s"]).groupby(
        "durability", sort=False
    ):
        best = rows.iloc[0]
        level = listed([best["label"], *overlapping(best, rows)])
        fastest = f"the fastest is {level}" if level == best["label"] else f"{level} are level"
        yield (
            f"Durability differs: with “{durability or 'not recorded'}” {fastest},"
            f" {interval_of(best)}."
        )


def _choice(comparison: Comparison) -> Iterator[str]:
    """Who is worth a look when goodput, latency, the loss window and underselling all count."""
    points, latency = points_of(comparison)
    if len(points) > 1:
        yield f"{frontier_title(points)} (goodput, {latency}, loss window, units undersold)."


def _about_predictions(comparison: Comparison) -> Iterator[str]:
    found = predictions(comparison)
    if found:
        yield f"{prediction_title(found)}."


def _about_controls(standing: Standing, proved: bool) -> Iterator[str]:
    caught = standing.controls[standing.controls["verdict"] == "void"]
    for _, row in caught.iterrows():
        yield f"The control {row['label']} was caught while measuring: {reason_of(row)}."
    missed = standing.controls[standing.controls["verdict"] != "void"]["label"].tolist()
    if missed:
        verb = "was" if len(missed) == 1 else "were"
        noun = "control" if len(missed) == 1 else "controls"
        proof = " See the proof." if proved else ""
        yield (
            f"The {noun} {listed(missed)} {verb} not caught in these runs: luck of the schedule,"
            f" not safety.{proof}"
        )


def _about_proofs(comparison: Comparison) -> Iterator[str]:
    if not comparison.proofs:
        yield "Nothing was proved in this comparison: it shows what happened, not what can happen."
        return
    states = sum(int(proof.get("states") or 0) for proof in comparison.proofs)
    yield f"{proof_title(comparison)}: small cases, {count(states)} states, no luck involved."


def _warnings(comparison: Comparison, standing: Standing) -> Iterator[str]:
    if comparison.about.get("grade") == "demo":
        yield grade_of(comparison) + " Repeat it at published grade before deciding anything."
    if standing.world == "predicted":
        yield "Every figure here was predicted; nothing was measured."
    if standing.world == "loaded":
        yield "Every figure here was taken at the front door of a shop, by users of Locust's."
    if shop.is_shop(comparison):
        pass  # nobody is ranked by how fast buyers pay
    elif standing.offered_per_s is not None:
        yield (
            "Orders arrived at a given rate, whatever the answers: goodput says who keeps up with"
            " it, and cannot say who is the fastest. Latency tells them apart."
        )
    elif standing.level:
        yield (
            "The intervals of the fastest overlap: take more repetitions, or let other things"
            " decide (latency, durability, what has to be operated)."
        )
    if kept := comparison.about.get("attempts_of"):
        yield (
            "Latency, stock and rates over time are drawn from the attempts of"
            f" {many(kept, 'repetition')} of each strategy; the table counts all of them."
        )
    yield from _about_the_driver(standing.holding)
    for proof in comparison.proofs:
        yield from _about_a_proof(proof)


def _about_the_driver(holding: pd.DataFrame) -> Iterator[str]:
    bound = list(dict.fromkeys(holding[holding["driver_bound"]]["label"]))
    if bound:
        yield (
            f"{listed(bound)}: bound by the load driver, so the figure is a lower limit of what"
            " the strategy can do on this machine."
        )


def _about_a_proof(proof: Any) -> Iterator[str]:
    name = proof.get("strategy")
    if proof.get("control") and not is_caught(proof):
        yield f"The proof did not catch the control {name}: trust no proof of this comparison."
    if not proof.get("control") and not proof.get("holds"):
        broken = listed([f"“{promise}”" for promise in proof.get("promises_broken") or ()])
        yield f"The proof found that {name} breaks a promise that it makes: {broken}."
    if proof.get("bounded"):
        yield f"The proof of {name} was cut short by a bound: it covers a part of its cases only."
