"""`stockproof study`: a phenomenon with a name, simulated, with its theory beside."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from scenarios.history import FORMAT, RunFolder
from scenarios.measuring.machine import machine, software
from scenarios.predicting.profile import Profile, load_profile
from scenarios.predicting.side_by_side import workers
from scenarios.studies.catalogue import find_study
from scenarios.studies.study import Point, Study, carry_out
from workbench import options
from workbench.predicting import Costs, ProfileName
from workbench.screen import print_json, results, ticker
from workbench.stopping import Stopped

StudyName = Annotated[str, typer.Argument(help="A study's name (see: list studies).")]


def study_command(
    study: StudyName,
    profile: ProfileName = "one_machine",
    cost: Costs = None,
    out: options.Out = None,
    as_json: options.Json = False,
) -> None:
    """Turn one thing, simulate every point, and draw it beside what theory says."""
    wanted, costs = find_study(study), load_profile(profile, cost or ())
    folder = out or Path("runs") / f"study-{wanted.name}"
    points: list[Point] = []
    try:
        with ticker(as_json) as tick, workers() as executor:
            tick.expect(len(wanted.series) * len(wanted.points), "points")
            for point in carry_out(wanted, costs, executor):
                points.append(point)
                tick.done(f"{point.series}, {wanted.turns} {point.value:g}: {point.simulated:,.4g}")
    except KeyboardInterrupt:
        raise Stopped("nothing was written; a study takes less than a minute") from None
    order = {name: place for place, name in enumerate(wanted.series)}
    points.sort(key=lambda point: (order[point.series], point.value))
    RunFolder(folder).write_json("study", _record(wanted, costs, points))
    from reports.studies import write_study  # matplotlib takes a second

    picture = write_study(folder)
    if as_json:
        found = {"study": wanted.name, "folder": str(folder), "picture": str(picture)}
        print_json(found | {"points": [asdict(point) for point in points]})
    else:
        _show(wanted, points, picture)


def _record(study: Study, profile: Profile, points: list[Point]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "study": study.name,
        "title": study.title,
        "turns": study.turns,
        "reads": study.reads,
        "explains": study.explains,
        "logarithmic": study.logarithmic,
        "profile": asdict(profile),
        "machine": machine(),
        "software": software(),
        "points": [asdict(point) for point in points],
    }


def _show(study: Study, points: list[Point], picture: Path) -> None:
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for heading in (study.turns, f"{study.reads}, simulated", "in theory"):
        table.add_column(heading, justify="right")
    for point in points:
        says = "–" if point.theory is None else f"{point.theory:,.4g}"
        table.add_row(point.series, f"{point.value:,g}", f"{point.simulated:,.4g}", says)
    console = results()
    console.print(table)
    console.print(f"\n{study.title}. Theory: {study.explains}.", soft_wrap=True, markup=False)
    console.print(f"picture: {picture}", soft_wrap=True, markup=False)
