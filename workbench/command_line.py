"""The command `stockproof`: which way of deducting stock to choose, and the evidence for it.

Exit status: 0 every promise was kept, 1 one was broken, 2 usage or environment (one sentence says
what to do), 130 stopped by Ctrl-C, 141 nobody read the results to their end.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from importlib.metadata import version
from typing import Any, NoReturn

import typer

from inventory_core.problems import Problem
from workbench.complaints import Complaint, about_files, about_usage
from workbench.stopping import STOPPED, in_good_order

NAME = "stockproof"
USAGE, UNREAD = 2, 141

# Where each command is, and what the list of commands says of it. A module is imported when its
# command is called: pandas, SQLAlchemy and matplotlib take seconds that --version should not.
COMMANDS = {
    "new": ("workbench.beginning:app", "A file to start from: a strategy, a scenario."),
    "list": ("workbench.listing:app", "What there is: strategies, scenarios, studies, stacks."),
    "prove": ("workbench.proving:prove_command", "Every schedule and crash of small cases."),
    "measure": ("workbench.measuring:measure_command", "Run strategies live, audit every unit."),
    "compare": ("workbench.comparing:compare_command", "Prove and measure: one table, one report."),
    "load": ("workbench.loading:load_command", "Locust's users at the HTTP API, audited."),
    "predict": ("workbench.predicting:predict_command", "The same plans in virtual time."),
    "recommend": (
        "workbench.recommending:recommend_command",
        "Which strategy for your load, and why.",
    ),
    "study": ("workbench.studying:study_command", "A phenomenon, beside its theory."),
    "lag": ("workbench.lagging:lag_command", "What a late shop window costs: sync_lag."),
    "calibrate": ("workbench.calibrating:calibrate_command", "What things cost here, for predict."),
    "source": ("workbench.sourcing:source_command", "Which warehouse ships what: ways compared."),
    "diff": (
        "workbench.diffing:diff_command",
        "Is the new one slower than the base?",
    ),
    "report": ("workbench.reporting:report_command", "The page of a comparison, from its records."),
    "runs": ("workbench.run_folders:app", "List, show and prune the records of comparisons."),
    "serve": ("workbench.serving:serve_command", "The inventory service over HTTP, with a sample."),
    "migrate": ("workbench.migrating:migrate_command", "A service's tables, brought up to date."),
    "warehouse": ("workbench.warehouse:warehouse_command", "Run a small warehouse system."),
    "cdc": ("workbench.capturing:app", "Change data capture: run, status, replay."),
    "worker": ("workbench.working:app", "From cache to rows: run, status, retry, rebuild."),
    "doctor": ("workbench.doctoring:doctor_command", "Is this machine fit to measure?"),
}


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command and end the process with its status."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command; answers the exit status. Problems become one sentence on stderr."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        with in_good_order():
            status = _carried_out(words)
            sys.stdout.flush()
            return status
    except Problem as problem:
        return _say(str(problem))
    except Complaint as complaint:
        return _say(about_usage(complaint))
    except (typer.Abort, KeyboardInterrupt) as stopped:
        return _say(f"stopped; {str(stopped) or 'nothing was finished yet'}", STOPPED)
    except BrokenPipeError:
        _give_up_stdout()
        return UNREAD
    except OSError as error:
        _give_up_stdout()
        return _say(about_files(error))


def _carried_out(words: list[str]) -> int:
    """What `main` of Click does, but for its own ideas of Ctrl-C and broken pipes."""
    command: Any = typer.main.get_command(assembled(words))
    try:
        with command.make_context(NAME, list(words), obj=tuple(words)) as context:
            command.invoke(context)
    except typer.Exit as end:
        return end.exit_code
    return 0


def assembled(words: Sequence[str]) -> typer.Typer:
    """The command line, with the command that these words call, and the names of the others."""
    app = typer.Typer(
        help="Which way of deducting stock should your shop choose? Proved, measured, compared.",
        add_completion=False,
        rich_markup_mode=None,
    )
    app.callback(invoke_without_command=True)(_root)
    called = next((word for word in words if not word.startswith("-")), "")
    for name, (place, says) in COMMANDS.items():
        thing = _loaded(place) if name == called else _absent
        if isinstance(thing, typer.Typer):
            app.add_typer(thing, name=name)
        else:
            app.command(name, help=says if thing is _absent else None)(thing)
    return app


def _loaded(place: str) -> Any:
    module, _, attribute = place.partition(":")
    return getattr(import_module(module), attribute)


def _absent() -> None:
    """Stands for a command that was not called."""


def _root(
    context: typer.Context,
    show: bool = typer.Option(False, "--version", help="Print the version and end."),
) -> None:
    if show:
        print(f"{NAME} {version(NAME)}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())


def _say(sentence: str, status: int = USAGE) -> int:
    with suppress(OSError):  # whoever read stderr has gone, too
        print(f"{NAME}: {' '.join(sentence.split())}", file=sys.stderr, flush=True)
    return status


def _give_up_stdout() -> None:
    """Nobody reads it, or it cannot be written: the last flush of Python must not fail again."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
