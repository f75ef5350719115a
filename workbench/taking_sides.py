"""`stockproof measure --against`: two sides take turns; what came of it, and the exit status."""

from __future__ import annotations

import time
from math import isfinite

import typer

from scenarios.measuring.against import Against, Extent, TurnsRun, compare_turns, measure_against
from workbench.comparing import BROKEN, Asked, broken, say_plan
from workbench.junit import write_junit
from workbench.measuring import Way
from workbench.remarks import remarks
from workbench.screen import Ticker, print_json, results, ticker
from workbench.sides_asked import Changes, planned, sides_of
from workbench.stopping import Stopped
from workbench.verdict_table import verdict_table


def compare_sides(wish: Asked, how: Way) -> None:
    """Run both sides in turns, print what came of it, and end with its status."""
    sides = sides_of(wish, Changes(how.against, how.against_set))
    if wish.dry_run:
        say_plan(
            [*planned(sides), f"records, which stay: the folder {wish.wanted.out}"], wish.as_json
        )
        return
    wish.wanted.check()
    run = wish.wanted.scenario.run
    extent = Extent(run.seconds, run.repetitions, run.seed, how.slice_ms, how.material)
    told = {
        "command": wish.wanted.command,
        "started_at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }
    finished: list[TurnsRun] = []
    try:
        with ticker(wish.as_json) as tick:
            found = measure_against(
                sides,
                extent,
                out=wish.wanted.out,
                told=told,
                progress=lambda done, run: _say(tick, extent, finished, done, run),
            )
    except KeyboardInterrupt:
        where = f"finished runs are in {wish.wanted.out} ({len(finished)})"
        raise Stopped(where if finished else "no run was finished yet") from None
    if wish.wanted.junit is not None:
        write_junit(wish.wanted.junit, f"stockproof {wish.wanted.scenario.name}", found.rows)
    _tell(found, wish.as_json)
    if found.ratio.verdict == "slower" or broken(found.rows):
        raise typer.Exit(BROKEN)


def _say(
    tick: Ticker, extent: Extent, finished: list[TurnsRun], repetition: int, run: TurnsRun | None
) -> None:
    if run is None:
        if repetition == 0:
            tick.expect(extent.repetitions, "both sides in turns")
        tick.now(f"both sides in turns, run {repetition + 1}", extent.seconds)
        return
    finished.append(run)
    ratio = compare_turns([run], extent.material, extent.slice_ms)
    said = f"{ratio.ratio:.3f} of the base" if isfinite(ratio.high) else ratio.why
    tick.done(f"run {repetition + 1}: {said}")


def _tell(found: Against, as_json: bool) -> None:
    if as_json:
        keys = ("scenario", "seed", "rows", "skipped", "against")
        shown = {key: found.about[key] for key in keys}
        print_json(shown | {"report": None, "folder": str(found.path)})
        return
    console = results()
    console.print(verdict_table(found.rows))
    console.print()
    for line in [*remarks(found.about, ()), f"records: {found.path}"]:
        console.print(line, soft_wrap=True, markup=False)
