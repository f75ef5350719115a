"""`stockproof new`: a commented file to start from, for a strategy or a scenario of your own."""

from __future__ import annotations

import re
from collections.abc import Collection
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import jinja2
import typer

from inventory_core.problems import Problem
from inventory_core.strategy.registry import strategies
from scenarios.scenario import scenario_names
from workbench.options import Json
from workbench.screen import print_json, results

BEGINNINGS = Path(__file__).parent / "beginnings"
NAME_MOST = 60
Name = Annotated[str, typer.Argument(help="Its name: small letters, digits and _.")]
Into = Annotated[Path, typer.Option("--into", help="The folder to write it to.")]

app = typer.Typer(help="Write a commented file to start from: a strategy, or a scenario.")


@app.command("strategy")
def strategy_command(name: Name, into: Into = Path(), as_json: Json = False) -> None:
    """A strategy that holds as it stands: change what is to be new about it."""
    _check_name(name, strategies())
    _check_free(into / f"{name}.py")
    if find_spec(name) is not None:
        raise Problem(f"Python has a module {name} already: choose another name")
    kind = "".join(word.capitalize() for word in name.split("_"))
    path = _write("strategy", into / f"{name}.py", name, kind)
    _say(path, f"stockproof prove {name}:{kind}", as_json)


@app.command("scenario")
def scenario_command(name: Name, into: Into = Path(), as_json: Json = False) -> None:
    """A scenario that runs as it stands: change stock, demand and run to yours."""
    _check_name(name, scenario_names())
    path = _write("scenario", into / f"{name}.toml", name)
    _say(path, f"stockproof compare ./{path}", as_json)


def _check_name(name: str, taken: Collection[str]) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or len(name) > NAME_MOST:
        raise Problem(
            f"{name!r} cannot be a name: write small letters, digits and _, a letter first, at most"
            f" {NAME_MOST}"
        )
    if name in taken:
        raise Problem(f"there is a {name} already: choose another name")


def _write(what: str, path: Path, name: str, kind: str = "") -> Path:
    """Write a new file; one that is there already is left as it is."""
    if not path.parent.is_dir():
        raise Problem(f"there is no folder {path.parent}: make it, or name another with --into")
    title = name.replace("_", " ").capitalize()
    template = jinja2.Template(
        (BEGINNINGS / f"{what}.j2").read_text("utf-8"),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(template.render(name=name, kind=kind, title=title))
    except FileExistsError:
        raise _taken(path) from None
    return path


def _check_free(path: Path) -> None:
    if path.exists():
        raise _taken(path)


def _taken(path: Path) -> Problem:
    return Problem(f"{path} is there already: choose another name, or move it away")


def _say(path: Path, then: str, as_json: bool) -> None:
    if as_json:
        print_json({"file": str(path), "next": then})
    else:
        results().print(f"{path} is written; now: {then}", soft_wrap=True, markup=False)
