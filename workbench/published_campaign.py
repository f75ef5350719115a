"""The whole catalogue in every scenario: measured, published, and held against what people say.

    python -m workbench.published campaign             everything; nothing else may run
    python -m workbench.published_campaign flash_sale  some of its scenarios; then the page anew

A scenario that was interrupted goes on where it stopped (`runs/published-campaign-…`).
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from inventory_core.strategy.registry import strategies
from reports.folklore import SAYINGS, Fate, held_against
from reports.load import PUBLISHED, Comparison, load
from reports.publishing import publish
from reports.style import VERDICTS
from reports.wording import ABSENT, figure, many
from workbench.command_line import run
from workbench.stopping import STOPPED

HEADLINE = ("flash_sale", "oversell_attempts", "hotspots")
"""Ten repetitions of each; the fourth headline, sync lag, has records of its own kind."""

OTHERS = (
    *("deep_stock", "last_units", "crossing_baskets", "retry_storm", "refund_wave"),
    "real_baskets",
)
SHOPS = ("activity_window", "payment_timeouts", "order_or_payment_time")
"""Asked of a shop's services, with the engines of their matrix."""

EXTENT = {
    **dict.fromkeys(HEADLINE, ("--repeat", "10", "--seconds", "1")),
    "hotspots": ("--repeat", "10", "--seconds", "1", "--set", "stock.cells=100"),
    **dict.fromkeys(OTHERS, ("--repeat", "3", "--seconds", "1")),
    "deep_stock": ("--repeat", "3", "--seconds", "1", "--set", "matrix.stacks=[]"),
    **dict.fromkeys(SHOPS, ("--repeat", "3")),
}
"""`hotspots` has a shorter tail than by itself: who keeps every unit as a row takes two minutes to
lay out a thousand articles, and what was written for so long is in the way of whoever is next.
`deep_stock` goes to all stores here, not to PostgreSQL alone."""

SCENARIOS = tuple(EXTENT)
ATTEMPTS_OF = 1

PAGE = """# The whole catalogue in every scenario

{strategies} of the catalogue, controls included, on private servers of one machine: PostgreSQL
that flushes every commit, Valkey with its log flushed every second. Ten repetitions of a second in
the headline scenarios, three elsewhere, strategies in random order within each repetition; medians,
with intervals in each scenario's own report. `hotspots` has a hundred articles here instead of a
thousand. A run of a second is short: what shows only in a long one (bloat, a full disk, a
checkpoint) is not in here.

{apart}

## What people say

Each saying names two strategies and a factor, before anything is measured (`reports/folklore.py`).
It is borne out or contradicted if the whole interval of the ratio says so, and else not decided.

{tally}

| people say | measured | scenario | it is |
| :-- | :-- | :-- | :-- |
{sayings}

## Who holds, and how fast

First-time deductions a second. `✓` every check of every recorded attempt passed, `✗` void (its
speed counts for nothing), `?` a check could not decide. In the scenarios of a shop, what counts is
who was served, so they have their own reports.

{table}

Reports: {reports}.

    python -m workbench.published campaign    # everything, and this page
"""


def publish_campaign(place: Path, names: Sequence[str] = SCENARIOS) -> int:
    """Measure the scenarios named, publish each, and write the page of all that are published.

    Answers the worst exit status; a scenario that could not be measured has said why, and is left
    out. Ends where it is stopped, with `STOPPED`, and the page as it was.
    """
    worst = 0
    for name in names:
        folder = Path("runs") / f"published-campaign-{name}"
        status = run([*words_of(name), "--out", str(folder)])
        if status == STOPPED:
            return status
        worst = max(worst, status)
        if (folder / "comparison.json").exists():
            publish(folder, place / name, attempts_of=ATTEMPTS_OF)
    place.mkdir(parents=True, exist_ok=True)
    (place / "README.md").write_text(page_of(published_in(place)), encoding="utf-8")
    return worst


def published_in(place: Path) -> dict[str, Comparison]:
    """The scenarios that are published there."""
    return {name: load(place / name) for name in SCENARIOS if (place / name).exists()}


def words_of(name: str) -> list[str]:
    """The command line of one scenario, without where the records go."""
    everybody = [] if name in SHOPS else list(strategies())
    named = [word for strategy in everybody for word in ("--strategy", strategy)]
    return ["measure", name, *named, *EXTENT[name]]


def page_of(found: Mapping[str, Comparison]) -> str:
    """The page of these scenarios."""
    ranked = {name: one for name, one in found.items() if name not in SHOPS}
    measured = {
        name for one in ranked.values() for name in one.rows.loc[~one.rows["floor"], "strategy"]
    }
    fates = list(held_against(SAYINGS, found))
    counts = {fate: sum(one.fate is fate for one in fates) for fate in Fate}
    tally = ", ".join(f"{count} {fate.value}" for fate, count in counts.items() if count)
    return PAGE.format(
        strategies=f"{many(len(measured), 'strategy', 'strategies')}".capitalize(),
        apart=measured_apart(found),
        tally=f"Of {len(fates)} sayings: {tally}.",
        sayings="\n".join(
            f"| {one.saying.words} | {one.why} | {one.saying.scenario} | {one.fate.value} |"
            for one in fates
        ),
        table="\n".join(_table(ranked)),
        reports=", ".join(f"[{name}]({name}/report.md)" for name in found),
    )


def measured_apart(found: Mapping[str, Comparison]) -> str:
    """A sentence on who was measured by another version than most of its scenario's strategies."""
    said = [
        f"{', '.join(f'`{name}`' for name in names)} in {scenario}"
        for scenario, one in found.items()
        if (names := _of_another_version(one))
    ]
    if not said:
        return "All runs of a scenario were measured by the same version."
    return f"Measured apart, by another version than the rest of the scenario: {'; '.join(said)}."


def _of_another_version(comparison: Comparison) -> list[str]:
    commits = {
        strategy: {comparison.asked(run).get("software", {}).get("commit") for run in runs}
        for strategy, runs in _runs(comparison)
    }
    usual = Counter(commit for some in commits.values() for commit in some).most_common(1)
    return [name for name, some in commits.items() if some != {one for one, _ in usual}]


def _runs(comparison: Comparison) -> Iterator[tuple[str, tuple[Path, ...]]]:
    for strategy, labels in comparison.rows.groupby("strategy")["label"]:
        yield str(strategy), tuple(run for label in labels for run in comparison.runs(label))


def _table(found: Mapping[str, Comparison]) -> Iterator[str]:
    """A row a strategy, by speed in the first scenario that has it; a column a scenario."""
    if not found:
        return
    rows = {
        name: one.rows[~one.rows["floor"]].drop_duplicates("strategy").set_index("strategy")
        for name, one in found.items()
    }
    ranked = pd.concat(
        frame.sort_values("goodput_per_s", ascending=False) for frame in rows.values()
    )
    rivals = ranked[~ranked.index.duplicated()]
    yield "| strategy | " + " | ".join(found) + " |"
    yield "| :-- |" + " --: |" * len(found)
    for control in (False, True):
        for strategy in rivals.index[rivals["control"] == control]:
            name = f"{strategy} (control)" if control else strategy
            cells = [_cell(frame, strategy) for frame in rows.values()]
            yield f"| {name} | " + " | ".join(cells) + " |"


def _cell(frame: pd.DataFrame, strategy: str) -> str:
    if strategy not in frame.index:
        return ABSENT
    row = frame.loc[strategy]
    return f"{figure(row['goodput_per_s'])} {VERDICTS[row['verdict']]}"


def main(names: Sequence[str]) -> int:
    """Measure and publish the scenarios named, or all."""
    unknown = [name for name in names if name not in SCENARIOS]
    if unknown:
        print(f"the campaign has no scenario {unknown[0]!r}; choose among {', '.join(SCENARIOS)}")
        return 2
    return publish_campaign(PUBLISHED / "campaign", names or SCENARIOS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
