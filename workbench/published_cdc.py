"""The published figures of change data capture: soaks with kills, rates and lags, a slow consumer.

    python -m workbench.published cdc           everything, about 25 minutes
    python -m workbench.published_cdc slow      one part of it (see PARTS), and the page anew

Each part leaves a table of its own, so that it can be repeated alone; the page is made of them.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from workbench.cdc_rates import rate, slow_consumer
from workbench.cdc_soak import Soak, run

SOAKS = (
    Soak(),
    Soak(source="mariadb", seed=2),
    Soak(broker="rabbitmq", seed=3),
    Soak(source="mariadb", broker="rabbitmq", seed=4),
    Soak(broker="nats", seed=5),
)
RATES = ((0.0, 200), (1_000.0, 20), (2_000.0, 20))
"""Changes a second (nought: as fast as the writer can), and how many make a transaction."""

RATE_S, SLOW_S, SLOW_PER_S = 12.0, 60.0, 2_000.0
SLOW = Soak(audited=False, warning_bytes=5_000_000)
Rows = list[dict[str, Any]]


def publish_cdc(place: Path, parts: Sequence[str] = ()) -> None:
    """Measure the parts that are named, or all; then write the page from all tables."""
    place.mkdir(parents=True, exist_ok=True)
    for name, measure in PARTS.items():
        if not parts or name in parts:
            _write(place / f"{name}.csv", measure())
    page = "".join(_page(place))
    (place / "README.md").write_text(page, encoding="utf-8")


def soaks() -> Rows:
    """Every pair of source and broker, under fire."""
    rows = []
    for soak in SOAKS:
        with _folder() as folder:
            audit, field = run(soak, folder)
            killed = {f"{name}_killed": n for name, n in sorted(field.killed.items())}
            told = {"source": soak.source, "broker": soak.broker, "seed": soak.seed}
            rows.append({**told, "changes": field.writer.changes, **killed, **asdict(audit)})
    return rows


def rates(source: str) -> Rows:
    """As fast as it goes, in larger transactions; and the lag at two rates."""
    rows = []
    for per_s, rows_each in RATES:
        soak = Soak(source=source, audited=False, rows_each=rows_each)
        with _folder() as folder:
            found = asdict(rate(soak, folder, per_s, RATE_S))
        told = {"source": source, "broker": soak.broker, "rows_a_transaction": rows_each}
        rows.append({**told, **found})
    return rows


def slow() -> Rows:
    """A consumer that stands still for a minute."""
    with _folder() as folder:
        return [asdict(slow_consumer(SLOW, folder, SLOW_PER_S, SLOW_S))]


PARTS: dict[str, Callable[[], Rows]] = {
    "soaks": soaks,
    "rates_postgresql": partial(rates, "postgresql"),
    "rates_mariadb": partial(rates, "mariadb"),
    "slow": slow,
}
RATED = (
    "Writer, source, capture, broker, consumer and product share two cores. The lag is the age of a"
    " probe when a reader of the product first sees it, commit and polling included. `asked_per_s`"
    " of 0: as fast as the writer can, so that lag is an overloaded pipeline's."
)
INTRODUCTION = {
    "soaks": (
        "Killed at random",
        "200,000 changes of two tables (a cell in one row, and in four) while each part gets"
        " SIGKILL five times, at moments drawn by the seed. At rest, triggers of the product's tell"
        " what every row became: `applied` is every change and the rows of the snapshots. All that"
        " follows it has to be nought.",
    ),
    "rates_postgresql": ("Rates and lags on PostgreSQL", RATED),
    "rates_mariadb": ("Rates and lags on MariaDB", RATED),
    "slow": (
        "A consumer that stands still",
        "The consumer is stopped (SIGSTOP) for a minute and the source goes on. The broker fills to"
        " its bound, the capture waits (`waits`), and the source keeps its log, which raises the"
        " warning at 5 MB here.",
    ),
}


def _page(place: Path) -> Iterator[str]:
    yield "# Change data capture\n\n"
    yield "Measured by `python -m workbench.published cdc`.\n"
    for name, (title, text) in INTRODUCTION.items():
        file = place / f"{name}.csv"
        if file.exists():
            yield f"\n## {title}\n\n{text}\n\n"
            yield from _table(file)
            yield f"\n[{file.name}]({file.name})\n"


def _table(file: Path) -> Iterator[str]:
    """Upright, one column a run: there are more figures than runs."""
    with file.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    yield "| " + " | ".join(["", *(str(n) for n, _ in enumerate(rows, 1))]) + " |\n"
    yield "|---" * (len(rows) + 1) + "|\n"
    for name in rows[0]:
        yield "| " + " | ".join([f"`{name}`", *(row[name] or "–" for row in rows)]) + " |\n"


def _write(file: Path, rows: Rows) -> None:
    names = dict.fromkeys(name for row in rows for name in row)
    with file.open("w", newline="", encoding="utf-8") as lines:
        writer = csv.DictWriter(lines, list(names), lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _said(value) for name, value in row.items()} for row in rows)


def _said(value: Any) -> str:
    return f"{value:.1f}" if isinstance(value, float) else str(value)


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="stockproof-cdc-") as name:
        yield Path(name)


if __name__ == "__main__":
    unknown = sorted(set(sys.argv[1:]) - set(PARTS))
    if unknown:
        sys.exit(f"there is no part {unknown[0]!r}: choose among {', '.join(PARTS)}")
    publish_cdc(Path("reports/published/cdc"), sys.argv[1:])
