"""`stockproof diff BASE NEW`: is the new one slower than the base? From records alone.

    stockproof diff runs/last-week runs/today       # comparisons of repetitions
    stockproof diff runs/turns/base-1 runs/turns/new-1

Two sides of one `measure --against` took turns, and are compared round by round. Runs of different
times differ by what the machine did, up to a fifth; they are compared only if each has a reference
slice, by which its goodput is divided, and only if there are repetitions enough. Everything else is
*unknown*, with the sentence why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from inventory_core.problems import Problem
from scenarios.records_compared import Pairing, compare_records
from workbench.comparing import BROKEN
from workbench.measuring import Material, share_of
from workbench.options import Json
from workbench.run_folders import RUNS
from workbench.screen import print_json, results

SIGNS: Mapping[str, str] = {"slower": "✗ slower", "faster": "✓ faster", "same": "= same"}


def diff_command(
    base: Annotated[str, typer.Argument(help="The folder of a comparison, or of one run.")],
    new: Annotated[str, typer.Argument(help="The one that may be slower.")],
    material: Material = "5%",
    unlike: Annotated[
        bool, typer.Option("--unlike", help="Compare even unlike machines and questions.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Status 1 also where the answer is unknown.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Is the new one slower than the base? Status 1 if it is: significantly, and materially."""
    found = compare_records(_folder(base), _folder(new), share_of(material), unlike)
    if as_json:
        print_json({"rows": [each.as_json() for each in found]})
    else:
        _show(found)
    if any(_is_bad(each, strict) for each in found):
        raise typer.Exit(BROKEN)


def _folder(name: str) -> Path:
    for path in (Path(name), RUNS / name):
        if (path / "comparison.json").is_file() or (path / "verdict.json").is_file():
            return path
    raise Problem(f"{name} is neither a comparison nor a finished run: name a folder of records")


def _is_bad(pairing: Pairing, strict: bool) -> bool:
    broke = pairing.base_verdict == "holds" and pairing.new_verdict == "void"
    verdict = pairing.ratio.verdict
    return broke or verdict == "slower" or (strict and verdict == "unknown")


def _show(found: Sequence[Pairing]) -> None:
    table = Table("strategy", "stack", "new / base", "interval", "p", "verdict", box=None)
    for each in found:
        told: Any = each.ratio
        said = (
            (f"{told.ratio:.3f}", f"{told.low:.3f} – {told.high:.3f}", f"{told.p:.2g}")
            if told.rounds
            else ("–", "–", "–")
        )
        table.add_row(each.label, each.stack, *said, SIGNS.get(told.verdict, "? unknown"))
    console = results()
    console.print(table)
    console.print()
    for each in found:
        for line in filter(None, (each.ratio.why,)):
            console.print(f"{each.label}: {line}", soft_wrap=True, markup=False)
    console.print(f"compared by: {', '.join(sorted({each.by for each in found}))}", markup=False)
