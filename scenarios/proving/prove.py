"""Prove strategies: every case of each, spread over processes, then the counterexamples in full."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from inventory_core.strategy import Fault, Needs, Promise, Strategy
from inventory_core.strategy.registry import find_strategy, make
from scenarios.model.dialects import POSTGRESQL, Dialect
from scenarios.proving.case import Case
from scenarios.proving.cases import CASES
from scenarios.proving.counterexample import Counterexample, counterexample
from scenarios.proving.explorer import Bounds
from scenarios.proving.proof import CaseResult, Proof, nearest
from scenarios.proving.trial import try_out
from scenarios.proving.workers import Workers, hired
from scenarios.proving.world import LIMITS

Progress = Callable[[int, int, str], None]
"""Told after every case: how many are done, of how many, and which it was."""
BOUNDS = Bounds()
OFFERED = Needs.SQL | Needs.KV | Needs.KV_SESSION
"""What the model offers."""

Task = tuple[str, str, Dialect]
"""A strategy, a case's title, and whose rules the database follows."""


def prove(
    names: Sequence[str],
    *,
    processes: int = 1,
    progress: Progress | None = None,
    titles: Sequence[str] | None = None,
    dialect: Dialect = POSTGRESQL,
) -> list[Proof]:
    """Prove these strategies, in this order, on all cases (or on those of these titles)."""
    kinds = {name: find_strategy(name) for name in names}
    cases = [CASES[title] for title in titles or CASES]
    tasks = [
        (name, case.title, dialect)
        for case in cases  # one case after the other: what clients are told is judged once for all
        for name, kind in kinds.items()
        if not _nothing_to_prove(kind) and _concerns(kind, case)
    ]
    with hired(processes) as workers:
        results = _results(workers, tasks, progress or _say_nothing)
        shown = _counterexamples(workers, results, dialect)
    return [_proof(name, kind, results, shown) for name, kind in kinds.items()]


def _say_nothing(done: int, total: int, what: str) -> None:
    """Nobody watches."""


def _nothing_to_prove(kind: type[Strategy]) -> str:
    """Why a strategy is skipped; empty if it is not."""
    if not kind.control and not kind.promises.kept:
        return "it is neither strategy nor control: it promises nothing"
    lacking = kind.needs.of_stores & ~OFFERED
    return f"the model does not offer {', '.join(lacking.words)}" if lacking else ""


def _concerns(kind: type[Strategy], case: Case) -> bool:
    """A strategy that does not survive duplicates is not tried with any."""
    survives = Fault.DUPLICATE_DELIVERY in kind.promises.survives
    return survives or not any(actor.name.endswith("again") for actor in case.actors)


def explore_case(task: Task) -> CaseResult:
    """One strategy in one case; for any process."""
    name, title, dialect = task
    trial, _, _ = try_out(make(name, LIMITS), CASES[title], BOUNDS, dialect)
    broken = tuple((breach.promise, breach.moves) for breach in trial.breaches.values())
    return CaseResult(
        name, title, trial.states, trial.schedules, trial.seconds, trial.bounded, broken
    )


def find_counterexamples(task: tuple[Task, tuple[Promise, ...]]) -> list[Counterexample]:
    """The counterexamples of one case, in full; for any process."""
    (name, title, dialect), promises = task
    trial, world, explored = try_out(make(name, LIMITS), CASES[title], BOUNDS, dialect)
    return [counterexample(name, world, explored, trial.breaches[each]) for each in promises]


def _results(workers: Workers, tasks: Sequence[Task], progress: Progress) -> list[CaseResult]:
    results = []
    for done, result in enumerate(workers.carry_out(explore_case, tasks), 1):
        results.append(result)
        progress(done, len(tasks), f"{result.strategy}: {result.case}")
    titles = list(CASES)
    return sorted(results, key=lambda result: titles.index(result.case))


def _counterexamples(
    workers: Workers, results: Sequence[CaseResult], dialect: Dialect
) -> list[Counterexample]:
    """The shortest for every strategy and broken promise; each case is explored once more."""
    wanted: dict[tuple[str, str], list[Promise]] = {}
    for name in dict.fromkeys(result.strategy for result in results):
        for promise, result in nearest([r for r in results if r.strategy == name]).items():
            wanted.setdefault((name, result.case), []).append(promise)
    tasks = [((*which, dialect), tuple(promises)) for which, promises in wanted.items()]
    return [each for found in workers.carry_out(find_counterexamples, tasks) for each in found]


def _proof(
    name: str, kind: type[Strategy], results: Sequence[CaseResult], shown: Sequence[Counterexample]
) -> Proof:
    mine = tuple(result for result in results if result.strategy == name)
    theirs = tuple(each for each in shown if each.strategy == name)
    skipped = _nothing_to_prove(kind)
    return Proof(name, kind.control, kind.promises.kept, mine, theirs, skipped, kind.must_break)
