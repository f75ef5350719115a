"""What recommendations are drawn from, and how often they are right: measured, and written down.

python -m workbench.published evidence     # the situations that are drawn from; then look at
                                           # what the backtest says, and only at that
python -m workbench.published recommend    # the situations held out: first the answers, then
                                           # every admissible strategy, live
"""

from __future__ import annotations

import csv
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from scenarios.measuring.campaign import Progress
from scenarios.measuring.machine import machine, software
from scenarios.predicting.profile import load_profile
from scenarios.predicting.side_by_side import workers
from scenarios.recommending.backtest import backtested
from scenarios.recommending.candidate import candidates
from scenarios.recommending.estimating import Estimator, Simulating
from scenarios.recommending.evidence import (
    FILE,
    About,
    Evidence,
    Measured,
    Situation,
    read_evidence,
    shipped,
)
from scenarios.recommending.judging import NEAR_ENOUGH, Judged, judged
from scenarios.recommending.question import Question
from scenarios.recommending.recommendation import Prover, Recommendation, recommend
from scenarios.recommending.rules import sifted
from scenarios.recommending.situations import drawn, held_out
from scenarios.recommending.trying import Extent, beside, tried
from scenarios.recommending.writing_evidence import toml_of
from workbench.recommending import Proving

PROFILE = "one_machine"
RUNS = Path("runs")
GOAL = 8
EXTENT = Extent()

PAGE = """# Recommended, and measured

Ten situations that no rule was drawn from (`scenarios/recommending/situations.toml`; the split was
committed before the rules). In each, `stockproof recommend` answered first; then every strategy
that its tolerances admit was measured live: {repetitions} repetitions of {seconds:g} s,
interleaved, medians. An answer is right if what was named holds, and reaches {near:.0%} of the best
that holds.

**{hits} of {of} are right** (the aim: {goal} of 10).

| situation | admissible | best measured | /s | recommended | /s | ratio | how sure | right? |
| :-- | --: | :-- | --: | :-- | --: | --: | :-- | :-- |
{rows}

In the {drawn} situations that the rules were drawn from, held back one by one and asked by houses
that tolerate more or less, the first was right {back_hits} times of {back_of}.

On {cores} cores ({cpu}), which servers and buyers share. Every strategy in every situation:
`measured.csv`. The situations are crowds in closed loops: nothing here says how well p99 at a
wanted rate is foreseen.

    python -m workbench.published evidence     # what the rules are drawn from
    python -m workbench.published recommend    # this page
"""


@dataclass(frozen=True)
class Trial:
    """A situation held out: the answer, what was measured, and whether it was right."""

    answer: Recommendation
    measured: Mapping[str, Measured]
    judged: Judged


def publish_evidence(_: Path = FILE) -> None:
    """Measure every strategy in the situations that are drawn from, and keep it for the rules."""
    situations = {}
    for name, question in drawn().items():
        measured = _measured("evidence", name, question)
        with _simulating(Evidence()) as simulating:
            figures = simulating.figures(question, list(measured))
        situations[name] = Situation(question, beside(measured, figures))
        about = About(
            measured_at=time.strftime("%Y-%m-%d"),
            machine=", ".join(f"{key} {value}" for key, value in machine().items()),
            commit=software()["commit"],
            repetitions=EXTENT.repetitions,
            seconds=EXTENT.seconds,
            profile=PROFILE,
        )
        FILE.write_text(toml_of(Evidence(about, situations)), encoding="utf-8")
    for each in backtested(read_evidence(FILE)):
        _say(f"{each.situation}: {each.recommended} {each.ratio:.2f} of {each.best} {each.why}")


def publish_recommend(place: Path) -> None:
    """Answer in the situations held out, then measure there, and write down who was right."""
    with _simulating(shipped()) as simulating:
        answers = answered(held_out(), simulating, Proving(quiet=False), shipped())
    trials = [
        trial_of(name, answer, _measured("recommend", name, answer.question))
        for name, answer in answers.items()
    ]
    place.mkdir(parents=True, exist_ok=True)
    _write_measured(place / "measured.csv", trials)
    back = list(backtested(shipped()))
    (place / "README.md").write_text(page_of(trials, back), encoding="utf-8")


def answered(
    questions: Mapping[str, Question], estimator: Estimator, prover: Prover, evidence: Evidence
) -> dict[str, Recommendation]:
    """What is recommended in each situation, before anything is measured there."""
    found = {}
    for name, question in questions.items():
        found[name] = recommend(question, estimator, prover, evidence)
        first = found[name].first
        _say(f"{name}: {first.name if first else 'nobody'}, {found[name].sure}")
    return found


def trial_of(name: str, answer: Recommendation, measured: Mapping[str, Measured]) -> Trial:
    """An answer, held against what was measured."""
    first = answer.first.name if answer.first else None
    return Trial(answer, measured, judged(name, first, measured))


def page_of(trials: Sequence[Trial], back: Sequence[Judged]) -> str:
    """The page of the situations held out."""
    hits, here = sum(each.judged.hit for each in trials), machine()
    return PAGE.format(
        repetitions=EXTENT.repetitions,
        seconds=EXTENT.seconds,
        near=NEAR_ENOUGH,
        hits=hits,
        of=len(trials),
        goal=GOAL,
        rows="\n".join(map(_row, trials)),
        drawn=len(drawn()),
        back_hits=sum(each.hit for each in back),
        back_of=len(back),
        cores=here["cores"],
        cpu=here["cpu_model"],
    )


def _row(trial: Trial) -> str:
    found = trial.judged
    right = "yes" if found.hit else f"**no**: {found.why}"
    return (
        f"| {found.situation} | {len(trial.measured)} | {found.best} | {found.best_per_s:,.0f} "
        f"| {found.recommended} | {found.recommended_per_s:,.0f} | {found.ratio:.2f} "
        f"| {trial.answer.sure} | {right} |"
    )


def _measured(kind: str, name: str, question: Question) -> dict[str, Measured]:
    """Every strategy that the question admits, live."""
    admissible, _ = sifted(candidates(), question)
    names = [each.name for each in admissible]
    return tried(question, names, EXTENT, RUNS / f"published-{kind}" / name, _said(name))


def _said(situation: str) -> Callable[[Progress], None]:
    def said(at: Progress) -> None:
        if at.row is not None:
            per_s = at.row["goodput_per_s"]
            _say(f"[{at.done}/{at.total}] {situation}: {at.strategy} {per_s:,.0f} /s")

    return said


@contextmanager
def _simulating(evidence: Evidence) -> Iterator[Simulating]:
    with workers() as executor:
        yield Simulating(load_profile(PROFILE), evidence, executor)


def _write_measured(path: Path, trials: Sequence[Trial]) -> None:
    names = ["situation", "strategy", *(each.name for each in fields(Measured))]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        for trial in trials:
            for strategy, row in sorted(trial.measured.items()):
                at = {"situation": trial.judged.situation, "strategy": strategy}
                writer.writerow(at | asdict(row))


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)
