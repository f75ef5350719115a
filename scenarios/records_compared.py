"""Two folders of records, base and new: is the new one slower? What may be compared, and how.

    turns        two sides of one run that took turns: round by round, as when they were measured
    reference    repetitions of each, every goodput divided by the reference slices of its own run

Whatever is neither is unknown. `Problem`: the records are not alike, and must not be compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from typing import Any

from inventory_core.problems import Problem
from scenarios.history import FORMAT, RunFolder
from scenarios.measuring.against import TurnsRun, compare_turns, ratio_as_json
from scenarios.measuring.slices import Slices, Speeds, speeds
from scenarios.statistics.paired import Ratio, judged, unknown
from scenarios.statistics.ranks import cliffs_delta, mann_whitney_p, ratio_interval

REPETITIONS = 4
"""Of each: with three, chance alone shows any order once in ten times."""

APART_MOST = 1.5
"""References that differ by more than this factor are of machines in another state."""

_MACHINE = ("cores", "cpu_model", "memory_gib", "platform")
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """One run's records, but for its tables."""

    folder: RunFolder
    about: Json
    row: Json

    @property
    def reference_per_s(self) -> float | None:
        """What its reference slices came to, if it has them."""
        known = [each for each in self.about.get("reference_per_s") or () if each]
        return fmean(known) if known else None


@dataclass(frozen=True, slots=True)
class Pairing:
    """One strategy in the base beside the one in the new records."""

    label: str
    stack: str
    by: str  # turns, reference or nothing
    ratio: Ratio
    base_verdict: str
    new_verdict: str
    effect: float | None = None

    def as_json(self) -> dict[str, Any]:
        """For scripts."""
        return {
            "strategy": self.label,
            "stack": self.stack,
            "by": self.by,
            **ratio_as_json(self.ratio),
            "base_verdict": self.base_verdict,
            "new_verdict": self.new_verdict,
            "effect": self.effect,
        }


def compare_records(base: Path, new: Path, material: float, unlike: bool = False) -> list[Pairing]:
    """Every strategy that both have, or the only one of each."""
    bases, news = _by_strategy(base), _by_strategy(new)
    if len(bases) == len(news) == 1:
        matched = [(next(iter(bases)), next(iter(news)))]
    else:
        matched = [(key, key) for key in bases if key in news]
    if not matched:
        raise Problem(f"{base} and {new} have no strategy and stack in common: name other folders")
    found = []
    for old, young in matched:
        some, others = bases[old], news[young]
        if not unlike:
            _refuse_unlike(some, others)
        label = old[0] if old[0] == young[0] else f"{young[0]} against {old[0]}"
        found.append(_pairing(label, old[1], some, others, material))
    return found


def _by_strategy(path: Path) -> dict[tuple[str, str], list[Run]]:
    """The finished runs of a comparison, or the one run, by strategy, stack and side."""
    own = RunFolder(path)
    folders = [own] if own.finished else list(own.runs())
    found: dict[tuple[str, str], list[Run]] = {}
    for folder in folders:
        run = Run(folder, folder.json("run"), folder.json("verdict")["row"])
        if run.about.get("format") != FORMAT:
            raise Problem(
                f"{folder.path} has records of format {run.about.get('format')!r}, and this version"
                f" reads format {FORMAT}: measure again"
            )
        if run.row.get("family") == "floor" or run.row["stack"] == "null":
            continue
        name = ", ".join(filter(None, (run.row["strategy"], run.row.get("side"))))
        found.setdefault((name, run.row["stack"]), []).append(run)
    if not found:
        raise Problem(f"{path} holds no finished run to compare: name another folder")
    return found


def _refuse_unlike(some: Sequence[Run], others: Sequence[Run]) -> None:
    """Speeds of two machines, or of two questions, say nothing about what changed."""
    one, other = some[0].about, others[0].about
    stacks = some[0].row["stack"], others[0].row["stack"]
    if stacks[0] != stacks[1] and not _same_run(some[0], others[0]):
        raise Problem(
            f"the records are of two stacks ({stacks[0]} and {stacks[1]}); say --unlike to compare"
            " them all the same"
        )
    for word in _MACHINE:
        if one["machine"].get(word) != other["machine"].get(word):
            raise Problem(
                f"the records come from unlike machines ({word}: {one['machine'].get(word)} and"
                f" {other['machine'].get(word)}); say --unlike to compare them all the same"
            )
    for word in ("stock", "demand"):
        if one["scenario"][word] != other["scenario"][word] and not _same_run(some[0], others[0]):
            raise Problem(
                f"the records answer two questions (their {word} differs); say --unlike to compare"
                " them all the same"
            )


def _pairing(
    label: str, stack: str, some: Sequence[Run], others: Sequence[Run], material: float
) -> Pairing:
    verdicts = _worst(some), _worst(others)
    told = zip(("base", "new"), verdicts, strict=True)
    bad = [f"the {word} is {verdict}" for word, verdict in told if verdict != "holds"]
    if bad:
        why = f"{' and '.join(bad)}, so its speed means nothing"
        return Pairing(label, stack, "nothing", unknown(why, material), *verdicts)
    turns = _turns(some, others)
    if turns:
        slice_ms = some[0].about["turns"]["slices"]["slice_ms"]
        ratio = compare_turns(turns, material, slice_ms)
        return Pairing(label, stack, "turns", ratio, *verdicts)
    ratio, effect = _by_reference(some, others, material)
    by = "reference" if ratio.rounds else "nothing"
    return Pairing(label, stack, by, ratio, *verdicts, effect)


def _worst(runs: Iterable[Run]) -> str:
    verdicts = {run.row["verdict"] for run in runs}
    return next(each for each in ("void", "unknown", "holds") if each in verdicts)


def _same_run(one: Run, other: Run) -> bool:
    """Are these the two sides of one run?"""
    some, others = one.about.get("turns"), other.about.get("turns")
    if not some or not others:
        return False
    together = all(some[word] == others[word] for word in ("starts_ns", "slices"))
    return together and some["side"] != others["side"]


def _turns(bases: Sequence[Run], news: Sequence[Run]) -> list[TurnsRun]:
    """The runs of which one side is here and the other there; empty unless that is all of them."""
    matched = [(new, base) for new in news for base in bases if _same_run(new, base)]
    if len(matched) != max(len(bases), len(news)):
        return []
    return [
        TurnsRun((dict(new.row), dict(base.row)), (_speeds(new), _speeds(base)))
        for new, base in matched
    ]


def _speeds(run: Run) -> Speeds:
    turns = run.about["turns"]
    return speeds(run.folder.table("attempts"), Slices(**turns["slices"]), turns["side"])


def _by_reference(
    bases: Sequence[Run], news: Sequence[Run], material: float
) -> tuple[Ratio, float | None]:
    """Goodput as a multiple of the reference slices of the same run, compared by ranks."""
    both = (*bases, *news)
    if any(run.reference_per_s is None for run in both):
        return unknown(
            "these runs did not take turns, and not all of them have a reference slice, so a"
            " difference may be the machine's: measure both with measure --against",
            material,
        ), None
    if min(len(bases), len(news)) < REPETITIONS:
        return unknown(
            f"runs that did not take turns need {REPETITIONS} repetitions each to tell a difference"
            f" from chance, and these have {len(bases)} and {len(news)}: measure with --repeat 5,"
            " or with --against",
            material,
        ), None
    before, after = (median(_references(runs)) for runs in (bases, news))
    if max(before, after) > APART_MOST * min(before, after):
        return unknown(
            f"the reference slices did {before:,.0f} and {after:,.0f} a second, so the machine was"
            " in another state: measure both with measure --against",
            material,
        ), None
    some, others = _normalised(news), _normalised(bases)
    low, high = ratio_interval(some, others)
    ratio = median(some) / max(median(others), 1e-12)
    p = mann_whitney_p(some, others)
    found = judged(ratio, low, high, p, min(len(some), len(others)), material)
    return found, cliffs_delta(some, others)


def _references(runs: Sequence[Run]) -> list[float]:
    return [run.reference_per_s or 0.0 for run in runs]


def _normalised(runs: Sequence[Run]) -> list[float]:
    pairs = zip(runs, _references(runs), strict=True)
    return [run.row["goodput_per_s"] / reference for run, reference in pairs]
