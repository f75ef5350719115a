"""Measure several strategies in one scenario: repetitions in random, interleaved order.

Every run has a folder of its own. A campaign that was stopped and is started again with the same
`out` goes on where it stopped; finished runs are kept, the one that was under way is not.
"""

from __future__ import annotations

import json
import random
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from inventory_core.problems import Problem
from inventory_core.stores.servers import Settings
from inventory_core.stores.stacks import connect
from inventory_core.strategy.registry import find_strategy
from scenarios.combining import combine
from scenarios.history import FORMAT, RunFolder, folder_name
from scenarios.measuring.floor import floor_of
from scenarios.measuring.hands import Hands
from scenarios.measuring.job import Connect
from scenarios.measuring.machine import machine, software
from scenarios.measuring.pairs import Pair, pairs_of
from scenarios.measuring.partial import kept_is_told, refuse_partial, whole_of
from scenarios.measuring.playing import Question
from scenarios.measuring.run import run_once
from scenarios.measuring.strikes import refuse_others_servers
from scenarios.scenario import Scenario
from scenarios.serving.run import ShopQuestion, serve_once
from scenarios.statistics.ranks import against_the_best

STANDARD_REPETITIONS, PUBLISHED_REPETITIONS = 5, 10
SEEDS_APART = 10_000
FLOOR_S = 1.0
"""The harness floor needs no longer: it has hundreds of thousands of attempts by then."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a campaign has come; `row` is there when a run has just ended."""

    done: int
    total: int
    strategy: str
    stack: str
    repetition: int
    row: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a campaign found: its folder, one row a strategy and stack, and who could not run."""

    path: Path
    about: dict[str, Any]
    rows: list[dict[str, Any]]
    skipped: tuple[str, ...] = ()


@dataclass
class _Campaign:
    scenario: Scenario
    pairs: list[Pair]
    skipped: tuple[str, ...]
    seconds: float
    repetitions: int
    seed: int
    out: Path
    connect: Connect = connect
    settles: bool = True
    told: Mapping[str, Any] = field(default_factory=dict)  # what else stands in its record
    rows: dict[tuple[str, str, str], list[dict[str, Any]]] = field(default_factory=dict)
    floor: dict[str, Any] | None = None

    def about(self) -> dict[str, Any]:
        """The content of `comparison.json`."""
        return {
            "format": FORMAT,
            "scenario": self.scenario.name,
            "title": self.scenario.title,
            "description": self.scenario.description,
            "question": asdict(self.scenario),
            "seed": self.seed,
            "seconds": self.seconds,
            "repetitions": self.repetitions,
            "grade": "published" if self.repetitions >= PUBLISHED_REPETITIONS else "demo",
            "machine": machine(),
            "software": software(),
            "skipped": list(self.skipped),
            "rows": self.combined(),
            "comparisons": self.comparisons(),
            "floor": self.floor,
            "proved": [],
            **self.told,
        }

    def combined(self) -> list[dict[str, Any]]:
        """One row a pair, of the repetitions that are finished."""
        found = [self.rows.get((pair.strategy, pair.stack.name, pair.rule)) for pair in self.pairs]
        return [combine(whole_of(rows), self.seed) for rows in found if rows]

    def comparisons(self) -> list[dict[str, Any]]:
        """Who differs from the best, once there are repetitions enough to tell."""
        found = list(self.rows.values())
        few = min(map(len, found), default=0) < STANDARD_REPETITIONS
        return [] if few else against_the_best(found, self.seed)

    def keep(self, row: dict[str, Any]) -> None:
        """Take in the row of a finished run."""
        pair = (row["strategy"], row["stack"], row.get("rule", ""))
        self.rows.setdefault(pair, []).append(row)
        self.write()

    def write(self) -> None:
        """Write down how far we are."""
        RunFolder(self.out).write_json("comparison", self.about())

    def runs(self) -> Iterator[tuple[Pair, int, RunFolder]]:
        """Every run, repetition by repetition, each in a random order of its own."""
        dice = random.Random(self.seed)
        for repetition in range(self.repetitions):
            for pair in dice.sample(self.pairs, len(self.pairs)):
                parts = filter(None, (pair.strategy, pair.stack.name, pair.rule))
                name = f"{'-'.join(parts)}-{repetition + 1}"
                yield pair, repetition, RunFolder(self.out / folder_name(name))

    def question(self, pair: Pair, repetition: int) -> Question:
        """The run of a pair: the same demand for all strategies in one repetition."""
        seed = self.seed * SEEDS_APART + repetition
        floor = find_strategy(pair.strategy).family == "floor"
        seconds = min(self.seconds, FLOOR_S) if floor else self.seconds
        return Question(
            self.scenario, pair.strategy, seed, seconds, repetition, self.connect, self.settles
        )


def measure(
    scenario: Scenario,
    names: Sequence[str] = (),
    *,
    stack: str | None = None,
    seconds: float | None = None,
    repetitions: int | None = None,
    seed: int | None = None,
    out: Path,
    settings: Settings | None = None,
    connect: Connect = connect,
    settles: bool = True,
    progress: Callable[[Progress], None] = lambda _: None,
    told: Mapping[str, Any] | None = None,
    hands: Hands | None = None,
) -> Comparison:
    """Run the strategies named (or the scenario's, or all) and answer their rows.

    `told` goes into the record as it is, from the first run on. `hands`: workers and open places
    that several campaigns share, instead of `settings`. `settles`: helpers finish their work after
    a run; else its speed counts, and its verdict nothing. Without `stack`, each runs on the
    scenario's stacks, or on the smallest that fits. Who does not fit is skipped, with the sentence
    why. SIGINT and SIGTERM raise KeyboardInterrupt; what is finished by then stays in `out`.
    """
    run = scenario.run
    settings = hands.settings if hands else settings or Settings.from_environment()
    pairs, skipped = pairs_of(scenario, names, stack, settings.sql_url, cluster=settings.cluster)
    refuse_others_servers(scenario, [pair.stack for pair in pairs], settings)
    campaign = _Campaign(
        scenario,
        pairs,
        skipped,
        seconds if seconds is not None else run.seconds,
        repetitions if repetitions is not None else run.repetitions,
        seed if seed is not None else run.seed,
        out,
        connect,
        settles,
        told or {},
    )
    _check_out(campaign)
    with _terminated_as_interrupted(), ExitStack() as life:
        _carry_out(campaign, hands or life.enter_context(Hands(settings)), progress)
    return Comparison(out, campaign.about(), campaign.combined(), skipped)


def _carry_out(campaign: _Campaign, hands: Hands, progress: Callable[[Progress], None]) -> None:
    total = len(campaign.pairs) * campaign.repetitions
    for done, (pair, repetition, folder) in enumerate(campaign.runs()):
        said = (total, pair.strategy, pair.stack.name, repetition)
        progress(Progress(done, *said))
        row = _kept(folder)
        if row is None:
            with whole_or_absent(folder), kept_is_told(campaign.out, bool(campaign.rows)):
                row = _run(campaign, pair, repetition, hands, folder)
        campaign.keep(row)
        refuse_partial(row, folder.path)
        progress(Progress(done + 1, *said, row))
    rows = hands.opened("postgresql")
    if rows is not None and any(pair.stack.name == "null" for pair in campaign.pairs):
        campaign.floor = floor_of(rows).as_json()
        campaign.write()


def _run(
    campaign: _Campaign,
    pair: Pair,
    repetition: int,
    hands: Hands,
    folder: RunFolder,
) -> dict[str, Any]:
    question = campaign.question(pair, repetition)
    crew = hands.crew(campaign.scenario.demand.processes)
    if campaign.scenario.shop is None:
        return run_once(question, hands.place(pair.stack), crew, folder)
    asked = ShopQuestion.of(question, pair.rule)
    return serve_once(asked, hands.shop(pair.stack, pair.strategy), crew, folder)


def _check_out(campaign: _Campaign) -> None:
    """Runs of another question must not be taken for answers to this one."""
    path = campaign.out / "comparison.json"
    if not path.exists():
        return
    before = RunFolder(campaign.out).json("comparison")
    ours = json.loads(json.dumps(campaign.about()))
    for key in ("format", "question", "seed", "seconds"):
        if before.get(key) != ours[key]:
            raise Problem(
                f"{campaign.out} holds a comparison with another {key}; name another folder"
            )


def _kept(folder: RunFolder) -> dict[str, Any] | None:
    """The row of a run that is finished already; a partial one is run again."""
    row = dict(folder.json("verdict")["row"]) if folder.finished else None
    return None if row and row.get("partial") else row


@contextmanager
def whole_or_absent(folder: RunFolder) -> Iterator[None]:
    """A run that does not come to its end leaves no folder."""
    shutil.rmtree(folder.path, ignore_errors=True)
    try:
        yield
    except BaseException:
        shutil.rmtree(folder.path, ignore_errors=True)
        raise


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """SIGTERM ends a campaign as Ctrl-C does: in good order, servers and workers included.

    A caller that answers SIGTERM in its own way goes on doing so.
    """
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return

    def interrupt(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def default_out(scenario: Scenario, under: Path = Path("runs")) -> Path:
    """A new folder for a comparison, named by scenario and time."""
    return under / f"{scenario.name}-{time.strftime('%Y%m%d-%H%M%S')}"
