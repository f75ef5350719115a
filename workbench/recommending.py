"""`stockproof recommend`: which strategy for this load and these tolerances, and why."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

import typer

from inventory_core.strategy.registry import find_strategy
from scenarios.predicting.profile import load_profile
from scenarios.predicting.side_by_side import workers
from scenarios.recommending.backtest import record_of
from scenarios.recommending.estimating import Estimator, Figures, LookingUp, Simulating
from scenarios.recommending.evidence import shipped
from scenarios.recommending.question import BASE, Question, rate_of, settings_of
from scenarios.recommending.recommendation import Recommendation, recommend
from workbench import options
from workbench.proving import proofs_of
from workbench.questioning import asked_in_turn, question_of
from workbench.recommended import show
from workbench.screen import notices, print_json, ticker

NOBODY_FITS = 1
REPETITIONS = 5

Rate = Annotated[float, typer.Option("--rate", help="Orders a second; 0: as many as possible.")]
Peak = Annotated[float, typer.Option("--peak", help="Times the rate at its highest.")]
Articles = Annotated[int, typer.Option("--articles", help="Articles on sale.")]
Hot = Annotated[int, typer.Option("--hot", help="Articles that nearly everybody wants.")]
Heat = Annotated[float, typer.Option("--heat", help="Share of all lines for these, 0 to 1.")]
Units = Annotated[int, typer.Option("--stock", help="Units of each article.")]
Lines = Annotated[float, typer.Option("--lines", help="Lines of an order, on average.")]
Buyers = Annotated[int, typer.Option("--buyers", help="Orders under way at the same time.")]
Pool = Annotated[int, typer.Option("--pool", help="Database connections they share; 0: one each.")]
RoundTrip = Annotated[
    float, typer.Option("--rtt-ms", help="From shop to servers and back; 0: as the profile has.")
]
Stacks = Annotated[
    list[str] | None,
    typer.Option("--stack", help="Only on this stack (may be said more than once)."),
]
Redis = Annotated[bool, typer.Option("--redis/--no-redis", help="May Redis be part of it?")]
Database = Annotated[
    bool, typer.Option("--database/--no-database", help="May a database be part of it?")
]
Loss = Annotated[
    float, typer.Option("--loss-s", help="Seconds of acknowledged orders that may be lost.")
]
Lag = Annotated[float, typer.Option("--lag-s", help="Seconds for which stores may disagree.")]
Undersell = Annotated[
    bool,
    typer.Option("--undersell/--no-undersell", help="May buyers be turned away with stock left?"),
]
Daemons = Annotated[
    bool, typer.Option("--daemons/--no-daemons", help="May helpers run beside the buyers?")
]
ProfileName = Annotated[
    str, typer.Option("--profile", help="What things cost: a profile's name, or a TOML file.")
]
Quick = Annotated[
    bool, typer.Option("--quick", help="Simulate nothing: measured figures of a situation alike.")
]


def recommend_command(
    context: typer.Context,
    rate: Rate = 0.0,
    peak: Peak = 1.0,
    articles: Articles = 1,
    hot: Hot = 1,
    heat: Heat = 0.8,
    stock: Units = 10_000,
    lines: Lines = 1.0,
    buyers: Buyers = 16,
    pool: Pool = 0,
    rtt_ms: RoundTrip = 0.0,
    stack: Stacks = None,
    redis: Redis = True,
    database: Database = True,
    loss_s: Loss = 0.0,
    lag_s: Lag = 0.0,
    undersell: Undersell = False,
    daemons: Daemons = True,
    profile: ProfileName = "one_machine",
    quick: Quick = False,
    as_json: options.Json = False,
) -> None:
    """Recommend a strategy for a situation, with reasons; without a word at a terminal, it asks.

    What is named was proved a moment ago. Status 1: nobody fits, or nothing is known.
    """
    if in_dialogue(context.obj):
        question = asked_in_turn(_read, _say)
    else:
        answers: dict[str, Any] = {
            "rate_per_s": rate,
            "peak": peak,
            "articles": articles,
            "hot": hot,
            "heat": heat,
            "stock": stock,
            "lines": lines,
            "buyers": buyers,
            "pool": pool,
            "rtt_ms": rtt_ms,
            "loss_s": loss_s,
            "lag_s": lag_s,
            "undersell": undersell,
            "daemons": daemons,
            "redis": redis,
            "database": database,
        }
        question = question_of(answers | ({"stacks": stack} if stack else {}))
    answer(question, profile, quick=quick, as_json=as_json)


def in_dialogue(words: Sequence[str]) -> bool:
    """Was nothing said but the command, and is somebody there to be asked?"""
    return len(words) == 1 and sys.stdin.isatty()


def _read(text: str, default: str) -> str:
    """What is typed at the terminal; stdout is for the answer."""
    print(f"{text} [{default}]: ", end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    if not line:
        raise typer.Abort
    return line.strip() or default


def _say(sentence: str) -> None:
    notices().print(sentence, markup=False)


def answer(question: Question, profile: str, *, quick: bool, as_json: bool) -> None:
    """Find the answer, and print it."""
    evidence = shipped()
    with _estimator(profile, quick, as_json) as estimator:
        found = recommend(question, estimator, Proving(as_json), evidence)
    said = found.as_json() | {
        "quick": quick,
        "profile": None if quick else profile,
        "track_record": _record(),
        "commands": commands(found, profile),
    }
    if as_json:
        print_json(said)
    else:
        show(found, said)
    if found.first is None:
        raise typer.Exit(NOBODY_FITS)


def _record() -> dict[str, int]:
    record = record_of(shipped())
    return {"hits": record.hits, "of": record.of}


@contextmanager
def _estimator(profile: str, quick: bool, quiet: bool) -> Iterator[Estimator]:
    """Who says what strategies would do."""
    if quick:
        yield LookingUp(shipped())
        return
    costs = load_profile(profile)
    with workers() as executor:
        yield Watched(Simulating(costs, shipped(), executor), quiet)


@dataclass(frozen=True)
class Watched:
    """Simulates, and says how far it is."""

    simulating: Simulating
    quiet: bool

    def figures(self, question: Question, names: Sequence[str]) -> Figures:
        """What the simulation says; a wanted rate takes a second run each."""
        total, done = len(names) * (2 if question.wanted_per_s else 1), 0

        def seen(name: str) -> None:
            nonlocal done
            done += 1
            tick.follow(done, total, f"{name}, simulated")

        with ticker(self.quiet) as tick:
            return replace(self.simulating, seen=seen).figures(question, names)


@dataclass
class Proving:
    """Proves strategies, each once: does it keep every promise that it makes?"""

    quiet: bool
    known: dict[str, bool] = field(default_factory=dict)

    def __call__(self, names: Sequence[str]) -> Mapping[str, bool]:
        """Whether each may be named."""
        missing = [name for name in names if name not in self.known]
        if missing:
            for proof in proofs_of(missing, self.quiet):
                control = find_strategy(proof.strategy).control
                self.known[proof.strategy] = proof.holds and not proof.skipped and not control
        return {name: self.known[name] for name in names}


def commands(found: Recommendation, profile: str) -> dict[str, str]:
    """The commands that put the answer to the test: the same load, the strategies named."""
    question = found.question
    settings = [*settings_of(question), *(rate_of(question) if question.wanted_per_s else ())]
    words = [word for setting in settings for word in ("--set", setting)]
    words += [word for each in found.named for word in ("--strategy", each.name)]
    costs = ["--profile", profile]
    if question.rtt_ms:
        costs += ["--cost", f"network.one_way_us={question.rtt_ms * 500:g}"]
    return {
        "predict": shlex.join(["stockproof", "predict", BASE, *words, *costs]),
        "measure": shlex.join(
            ["stockproof", "measure", BASE, *words, "--repeat", f"{REPETITIONS}"]
        ),
    }
