"""How far predictions are off, measured and written down for `reports/published`.

    python -m workbench.published validation    # measure, simulate, write it down
    python -m workbench.published_validation    # simulate again what was measured, and print it

What was measured is kept (`runs/published-validation`), so that another simulator can be tried on
it. Whoever has looked at those figures must not publish them: a held-out load is held out once.
"""

from __future__ import annotations

import csv
import json
import pickle
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from inventory_core.stores.servers import Servers, Settings
from inventory_core.stores.stacks import find_stack
from scenarios.measuring.hands import Hands
from scenarios.predicting.calibration import Found
from scenarios.predicting.held_out import SATURATED, Campaign
from scenarios.predicting.observing import honest, observe
from scenarios.predicting.profile import About
from scenarios.predicting.side_by_side import workers
from scenarios.predicting.validation import (
    ORDERS_OF_A_TAIL,
    Cell,
    as_row,
    judged,
    measured,
    summary,
    worst,
)
from scenarios.predicting.writing_toml import toml_of

PAGE = """# Predicted and measured

Every strategy that is no control, on one hot article with two-line orders and duplicates (the
scenario `deep_stock`, ten articles): closed loop at 2, 8, 16 and 32 clients, and an open loop with
a fifth more orders than 16 clients get through. The calibration never saw a strategy under any
of these loads: it runs them with one client and with four, and strategy-free mechanisms under a
crowd. Machines drift, so it was measured in {repetitions} rounds: in each of them every strategy at
every load, once, and again what the calibration looks at under more than one client. Each run has a
reference slice before and after it, by which it is corrected; a cell is the median of its rounds.
Then all of it was simulated. PostgreSQL and Valkey, clients and servers on the same processors.

| what | figure |
| :-- | --: |
| throughput, median error | {throughput_error_median:.1%} |
| throughput, 90th percentile | {throughput_error_p90:.1%} |
| throughput, worst | {throughput_error_worst:.1%} |
| noise floor: one live repetition against the others, median | {noise_floor_median:.1%} |
| 99th percentile of latency, median error | {latency_p99_error_median:.1%} |
| cells of a closed loop with orders enough for one ({orders:,}) | {latency_p99_cells} of {closed} |
| Kendall's tau over the pairs that the measurement separates | {kendall_tau:.2f} |
| the hot row at 32 clients (`conditional_update`) | {hot:+.1%} |
| calibrated in the first minutes alone, as `stockproof calibrate` does: throughput | {first:.1%} |
| the same: 99th percentile; the hot row | {first_p99:.1%}; {first_hot:+.1%} |

Furthest off, and why as far as it is known:

{worst}

| strategy | load | measured /s | predicted /s | error | noise | p99 measured, ms | predicted |
| :-- | --: | --: | --: | --: | --: | --: | --: |
{rows}

By load: {by_load}.

Of every strategy the median over its loads: {by_strategy}.

The noise floor is that of one short run against the median of the others, a perfect prediction's
error. The costs are in `profile.toml`, all of this table in `cells.csv`. Which mechanisms there are
was decided after looking at earlier validations, on other days and machines; no cost was fitted to
a strategy at a load of this table. What is known to be missing: commands get cheaper under a crowd
for as long as it grows, since whoever answers many at once sleeps less (scripts at 16 clients), and
the statements of a long transaction get dearer.

What the mechanisms gave, which were fitted: {probes}.

    python -m workbench.published validation  # this page, more than half an hour
"""
LONG = "statements of a long transaction get dearer under a crowd, and here they cost the same"
CHEAPER = "commands get cheaper for as long as a crowd grows, and here they do so once"
SPOILT = "how often others spoil its read-and-write rests on moments that a cost a step has not"
REASONS = {
    LONG: (
        *("adaptive", "admission_gate", "counted_then_merged", "escrow_journal", "row_lock"),
        *("serializable_retry", "transactional_outbox", "try_confirm_cancel", "two_phase_hold"),
    ),
    CHEAPER: ("redis_decrement", "redis_script", "redis_stream", "redis_then_database"),
    SPOILT: ("optimistic_version", "redis_watch", "row_lock_nowait"),
}
"""What a strategy does that the simulator is known to be wrong about."""

REPETITIONS, SECONDS = 5, 0.5
MEASURED = Path("runs") / "published-validation" / "measured.pickle"


def publish_validation(place: Path) -> None:
    """Calibrate, measure, simulate and write it down; nothing else may run meanwhile."""
    with Servers(Settings()) as servers, servers.open(find_stack("postgresql+redis")) as at:
        there = Settings(at.address.sql_url, at.address.kv_url)
        first = observe(there, _say)
        with Hands(there) as hands:
            observed = measured(first, Campaign(hands, REPETITIONS, SECONDS, _say), honest())
    MEASURED.parent.mkdir(parents=True, exist_ok=True)
    MEASURED.write_bytes(pickle.dumps(observed))
    with workers() as executor:
        cells, found = judged(observed, observed.throughout, executor, _say)
        at_first, _ = judged(observed, observed.first, executor, _say)
    place.mkdir(parents=True, exist_ok=True)
    figures = summary(cells)
    (place / "prediction.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    rows = [as_row(cell) for cell in cells]
    with (place / "cells.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    about = About(
        "Calibrated for this validation", source="python -m workbench.published validation"
    )
    (place / "profile.toml").write_text(toml_of(found, about), encoding="utf-8")
    (place / "README.md").write_text(page_of(cells, at_first, found), encoding="utf-8")


def page_of(cells: Sequence[Cell], at_first: Sequence[Cell], found: Found) -> str:
    """The page of a validation. `at_first`: by what was seen in the first minutes alone."""
    first = summary(at_first)
    probes = ", ".join(
        f"{one.name.rpartition(':')[2]} {one.cells} rows {one.clients} clients {one.error:+.0%}"
        for one in found.probes
    )
    return PAGE.format(
        **summary(cells),
        repetitions=REPETITIONS,
        hot=_hot(cells),
        first=first["throughput_error_median"],
        first_p99=first["latency_p99_error_median"],
        first_hot=_hot(at_first),
        worst="\n".join(
            f"- `{c.strategy}` at {c.load} ({c.error:+.0%}): {_why(c.strategy)}."
            for c in worst(cells)
        ),
        orders=ORDERS_OF_A_TAIL,
        closed=sum(cell.load != SATURATED for cell in cells),
        rows="\n".join(_row(as_row(cell)) for cell in cells),
        probes=probes,
        by_load=_medians(cells, lambda cell: cell.load),
        by_strategy=_medians(cells, lambda cell: f"`{cell.strategy}`"),
    )


def _why(strategy: str) -> str:
    """What the simulator is known to leave out of it."""
    known = (reason for reason, names in REASONS.items() if strategy in names)
    return next(known, "not known")


def _hot(cells: Sequence[Cell]) -> float:
    """The error of who has all buyers at one row, at 32 clients."""
    return next(c.error for c in cells if (c.strategy, c.load) == ("conditional_update", "32"))


def _medians(cells: Sequence[Cell], of: Callable[[Cell], str]) -> str:
    """The median error, with its sign, of each kind of cell."""
    kinds = dict.fromkeys(of(cell) for cell in cells)
    errors = {kind: median(cell.error for cell in cells if of(cell) == kind) for kind in kinds}
    return ", ".join(f"{kind} {error:+.0%}" for kind, error in errors.items())


def _row(row: Mapping[str, Any]) -> str:
    tails = [row["measured_p99_ms"], row["predicted_p99_ms"]]
    said = ["–" if tail is None else f"{tail:.1f}" for tail in tails]
    return (
        f"| {row['strategy']} | {row['load']} | {row['measured_per_s']:,.0f} "
        f"| {row['predicted_per_s']:,.0f} | {row['error']:+.0%} | {row['noise']:.0%} "
        f"| {said[0]} | {said[1]} |"
    )


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def main() -> int:
    """Simulate once more what was measured last; the figures, by load."""
    if not MEASURED.exists():
        _say(f"there is no {MEASURED}: run `python -m workbench.published validation` first")
        return 2
    observed = pickle.loads(MEASURED.read_bytes())
    with workers() as executor:
        for seen in (observed.throughout, observed.first):
            cells, _ = judged(observed, seen, executor, _say)
            print(json.dumps(summary(cells), indent=1))
            print(_medians(cells, lambda cell: cell.load))
    return 0


if __name__ == "__main__":
    sys.exit(main())
