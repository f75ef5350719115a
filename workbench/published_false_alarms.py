"""How often `measure --against` is wrong, measured: for `reports/published/false_alarms`.

Pairs of two seconds, in which both sides are the same (whoever calls one of them slower, or faster,
raises a false alarm), and among them pairs whose new side dawdles, to do ten per cent less.
Every pair is written down when it ends; a campaign that was stopped goes on where it stopped.

    python -m workbench.published false_alarms        # until all pairs are there
    python -m workbench.published_false_alarms 60     # for a minute, and no more
"""

from __future__ import annotations

import csv
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, fields, replace
from math import log
from pathlib import Path
from statistics import median, stdev
from typing import Any, get_type_hints

from scipy.stats import beta

from inventory_core.stores.servers import Place, Servers, Settings
from inventory_core.stores.stacks import find_stack
from scenarios.measuring.against import Extent, compare_turns, run_turns
from scenarios.measuring.crew import Crew
from scenarios.measuring.machine import machine
from scenarios.measuring.sides import Side
from scenarios.measuring.slowed import Slowed
from scenarios.scenario import Scenario, load_scenario
from workbench.stopping import STOPPED

PLACE = Path("reports/published/false_alarms")
SECONDS = 2.0
SAME, SLOWER = 100, 60
PATTERN = ("same", "slower", "same", "same", "slower", "same", "slower", "same")
PLANTED = 0.90
OTHERS_MOST = 0.05
"""A pair during which others took more of the machine is measured again; it is kept, too."""

TRIALS = 6
"""Pairs by which the dawdling is set; they count for nothing."""

STRATEGY, STACK = "redis_script", "redis"
SETTINGS = ("stock.quantity=1000000000", "demand.processes=2", "demand.connections=4")
FIRST_GUESS_US = 25.0


@dataclass(frozen=True, slots=True)
class PairRow:
    """One pair: what it was, and what the comparison said."""

    number: int
    kind: str  # trial, same or slower; or disturbed, and then measured again
    dawdles_us: float
    ratio: float
    low: float
    high: float
    p: float
    rounds: int
    verdict: str
    new_per_s: float
    base_per_s: float
    audit: str
    others: float  # share of the machine that other processes took meanwhile


def publish_false_alarms(place: Path = PLACE, for_s: float = float("inf")) -> bool:
    """Go on measuring for so long, and write table and page; were all pairs done?"""
    place.mkdir(parents=True, exist_ok=True)
    path = place / "pairs.csv"
    rows = read_rows(path)
    until_s = time.monotonic() + for_s
    with ExitStack() as life:
        crew = life.enter_context(Crew(2))
        servers = life.enter_context(Servers(Settings()))
        two = tuple(life.enter_context(servers.open(find_stack(STACK))) for _ in range(2))
        while time.monotonic() < until_s and (kind := next_kind(rows)):
            row = _pair(kind, rows, (two[0], two[1]), crew)
            rows.append(row)
            _append(path, row)
            print(
                f"{row.number}: {row.kind} {row.ratio:.3f} {row.verdict}, others {row.others:.0%}",
                file=sys.stderr,
            )
    done = next_kind(rows) is None
    if any(row.kind == "same" for row in rows):
        (place / "README.md").write_text(page_of(rows, machine()), encoding="utf-8")
    return done


def next_kind(rows: Sequence[PairRow]) -> str | None:
    """What is measured next; None: all pairs are there."""
    if sum(row.kind == "trial" for row in rows) < TRIALS:
        return "trial"
    wanted = {"same": SAME, "slower": SLOWER}
    left = {kind: n - sum(row.kind == kind for row in rows) for kind, n in wanted.items()}
    counted = sum(row.kind in wanted for row in rows)
    kind = PATTERN[counted % len(PATTERN)]
    other = next(each for each in wanted if each != kind)
    return kind if left[kind] > 0 else other if left[other] > 0 else None


def dawdles_us(rows: Sequence[PairRow]) -> float:
    """How long to dawdle after an order for ten per cent less, from what the trials did."""
    trials = [row for row in rows if row.kind == "trial"]
    if not trials:
        return FIRST_GUESS_US
    # What an order takes grows by the same for each microsecond of dawdling.
    paces = [(1 / row.ratio - 1) / row.dawdles_us for row in trials]
    return (1 / PLANTED - 1) / max(median(paces), 1e-6)


def _pair(kind: str, rows: Sequence[PairRow], places: tuple[Place, Place], crew: Crew) -> PairRow:
    base = Side(STRATEGY, _scenario(), find_stack(STACK))
    slow_us = 0.0 if kind == "same" else FIRST_GUESS_US if kind == "trial" else dawdles_us(rows)
    new = replace(base, connect=Slowed(slow_us)) if slow_us else base
    extent = Extent(seconds=SECONDS, seed=len(rows))
    with tempfile.TemporaryDirectory(prefix="stockproof-") as folder:
        run = run_turns((new, base), places, crew, extent, 0, Path(folder))
    found = compare_turns([run])
    verdicts = {row["verdict"] for row in run.rows}
    others = run.rows[0]["others_cpu_share"]
    return PairRow(
        len(rows),
        kind if others <= OTHERS_MOST else f"disturbed {kind}",
        round(slow_us, 2),
        found.ratio,
        found.low,
        found.high,
        found.p,
        found.rounds,
        found.verdict,
        run.rows[0]["goodput_per_s"],
        run.rows[1]["goodput_per_s"],
        "holds" if verdicts == {"holds"} else "void",
        others,
    )


def _scenario() -> Scenario:
    return load_scenario("flash_sale", SETTINGS)


def read_rows(path: Path) -> list[PairRow]:
    """The pairs that are there already."""
    if not path.exists():
        return []
    types = get_type_hints(PairRow)
    with path.open(newline="", encoding="utf-8") as file:
        return [
            PairRow(**{name: types[name](text) for name, text in row.items()})
            for row in csv.DictReader(file)
        ]


def _append(path: Path, row: PairRow) -> None:
    fresh = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [each.name for each in fields(PairRow)])
        if fresh:
            writer.writeheader()
        writer.writerow({k: _short(v) for k, v in asdict(row).items()})


def _short(value: Any) -> Any:
    return float(f"{value:.5g}") if isinstance(value, float) else value


def clopper_pearson(found: int, of: int, share: float = 0.95) -> tuple[float, float]:
    """The exact interval of a share that was found so often of so many.

    Source: C. J. Clopper and E. S. Pearson, Biometrika 26(4), 1934.
    """
    edge = (1 - share) / 2
    low = float(beta.ppf(edge, found, of - found + 1)) if found else 0.0
    high = float(beta.ppf(1 - edge, found + 1, of - found)) if found < of else 1.0
    return low, high


PAGE = """# How often `measure --against` is wrong

{same} pairs of {seconds:g} seconds in which both sides were the same, and among them {slower} pairs
whose new side was slowed down on purpose; `{strategy}` on a private {stack}, {clients} buyers in
two processes, {cores} cores. Each pair is one run of {rounds} rounds of two slices of 50 ms on
open connections, judged as `stockproof measure --against` judges it: *slower* or *faster* needs a
significant difference (p < 0.05, and an interval without 1) of {material:.0%} or more.

| | of | found | share | 95 % interval |
| :-- | --: | --: | --: | :-- |
{table}

A false alarm is a verdict *slower* or *faster* on two sides that are the same. The level of the
test alone, without asking for {material:.0%}, is in the second line; it should be near 5 %.
The slowed side dawdles for {dawdles:.0f} µs after every order, set by {trials} trials beforehand;
over all its pairs the median ratio was {planted:.3f}.

The ratio of two equal sides deviates by {deviation:.1%} (standard deviation over the pairs); its
95 % interval reaches {half:.1%} to either side, at the median. A pair during which other processes
took more than {most:.0%} of the machine is measured again, whatever it said; of equal sides, so
were {disturbed}. All stores were audited after every pair: {audits}.

    python -m workbench.published false_alarms   # measures what is missing in pairs.csv
"""


def page_of(rows: Sequence[PairRow], about: Mapping[str, Any]) -> str:
    """The page of the pairs that there are."""
    same = [row for row in rows if row.kind == "same"]
    slower = [row for row in rows if row.kind == "slower"]
    logs = [log(row.ratio) for row in same if row.rounds]
    disturbed = [row for row in rows if row.kind == "disturbed same"]
    alarms = sum(row.verdict in ("slower", "faster") for row in disturbed)
    held = sum(row.audit == "holds" for row in rows)
    demand = _scenario().demand
    return PAGE.format(
        same=len(same),
        slower=len(slower),
        seconds=SECONDS,
        strategy=STRATEGY,
        stack="Valkey",
        clients=demand.clients,
        cores=about["cores"],
        rounds=rows[-1].rounds,
        material=0.05,
        table="\n".join(_lines(same, slower)),
        dawdles=median(row.dawdles_us for row in slower) if slower else 0.0,
        trials=TRIALS,
        planted=median(row.ratio for row in slower) if slower else 1.0,
        deviation=stdev(logs) if len(logs) > 1 else 0.0,
        half=median((row.high - row.low) / 2 for row in same if row.rounds),
        audits=f"{held} of {len(rows)} held, both sides",
        most=OTHERS_MOST,
        disturbed=f"{len(disturbed)} ({alarms} of them would have been false alarms)",
    )


def _lines(same: Sequence[PairRow], slower: Sequence[PairRow]) -> Iterator[str]:
    alarms = sum(row.verdict in ("slower", "faster") for row in same)
    yield _line("false alarms", alarms, len(same))
    yield _line("p < 0.05, of any size", sum(row.p < 0.05 for row in same), len(same))
    yield _line("equal, and called *same*", sum(row.verdict == "same" for row in same), len(same))
    yield _line("slowed, and called *slower*", _count(slower, "slower"), len(slower))
    yield _line("slowed, and called *unknown*", _count(slower, "unknown"), len(slower))


def _count(rows: Sequence[PairRow], verdict: str) -> int:
    return sum(row.verdict == verdict for row in rows)


def _line(what: str, found: int, of: int) -> str:
    if not of:
        return f"| {what} | 0 | 0 | – | – |"
    low, high = clopper_pearson(found, of)
    return f"| {what} | {of} | {found} | {found / of:.1%} | {low:.1%} to {high:.1%} |"


if __name__ == "__main__":
    try:
        publish_false_alarms(for_s=float(sys.argv[1]) if len(sys.argv) > 1 else float("inf"))
    except KeyboardInterrupt:
        sys.exit(STOPPED)  # the pair that was under way is lost, the others are written down
