"""`compare` predicts what it has measured, and says how far the prediction is off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.table import Table

from scenarios.predicting.beside import errors_of, paired, predict_beside
from scenarios.predicting.profile import load_profile
from scenarios.predicting.side_by_side import workers
from scenarios.predicting.validation import Cell
from scenarios.scenario import Scenario
from workbench.screen import results, ticker


def predicted_too(
    scenario: Scenario, record: dict[str, Any], profile_name: str, quiet: bool
) -> dict[str, Any]:
    """What a comparison's record says of predictions: their rows, their errors, their costs."""
    profile, rows = load_profile(profile_name), []
    with ticker(quiet) as tick, workers() as executor:
        tick.expect(len(record["rows"]), "simulations")
        for row in predict_beside(scenario, record["rows"], profile, executor):
            rows.append(row)
            tick.done(f"{row['strategy']}, simulated")
    return {
        "predicted": sorted(rows, key=lambda row: str(row["strategy"])),
        "prediction": errors_of(paired(record["rows"], rows)),
        "profile": {"name": profile.name, "title": profile.about.title},
    }


def show_predicted(record: dict[str, Any]) -> None:
    """A table of predicted beside measured; nothing if nothing was predicted."""
    cells = paired(record["rows"], record.get("predicted") or ())
    if not cells:
        return
    console, profile, errors = results(), record["profile"], record["prediction"]
    console.print()
    console.print(
        f"predicted beside measured, by the profile {profile['name']}: {profile['title']}"
    )
    console.print(_table(cells))
    tau = errors["kendall_tau"]
    order = "" if tau is None else f"; order of those that the measurement separates: tau {tau:.2f}"
    console.print(
        f"median error {errors['throughput_error_median']:.0%}, worst"
        f" {errors['throughput_error_worst']:.0%}{order}. The profile's costs are those of its own"
        " machine; `stockproof calibrate` finds yours",
        soft_wrap=True,
        markup=False,
    )


def _table(cells: Sequence[Cell]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("strategy")
    for head in ("measured\nper s", "predicted\nper s", "error", "p99 ms\nmeasured", "\npredicted"):
        table.add_column(head, justify="right")
    for cell in cells:
        tails = (cell.measured_p99[0] if cell.measured_p99 else None, cell.predicted_p99)
        table.add_row(
            cell.strategy,
            f"{cell.measured[1]:,.0f}",
            f"{cell.predicted:,.0f}",
            f"{cell.error:+.0%}",
            *("–" if tail is None else f"{tail:.1f}" for tail in tails),
        )
    return table
