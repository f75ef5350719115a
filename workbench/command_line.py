"""The command `stockproof`: which way of deducting stock to choose, and the evidence for it.

Exit status: 0 every promise was kept, 1 one was broken, 2 usage or environment (one sentence says
what to do), 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from importlib.metadata import version
from types import FrameType
from typing import NoReturn

import typer
from typer.exceptions import Abort, Exit, TyperException

from inventory_core.problems import Problem
from workbench import comparing, doctoring, listing, proving, reporting, run_folders

BROKEN, USAGE, STOPPED = 1, 2, 130

app = typer.Typer(
    help="Which way of deducting stock should your shop choose? Proved, measured, compared.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(listing.app, name="list")
app.command("prove")(proving.prove_command)
app.command("measure")(comparing.measure_command)
app.command("compare")(comparing.compare_command)
app.command("report")(reporting.report_command)
app.command("doctor")(doctoring.doctor_command)
app.add_typer(run_folders.app, name="runs")


@app.callback(invoke_without_command=True)
def _say_version(
    show: bool = typer.Option(False, "--version", help="Print the version and end."),
) -> None:
    if show:
        print(f"stockproof {version('stockproof')}")
        raise typer.Exit


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command and end the process with its status."""
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run the command; answers the exit status. Problems become one sentence on stderr."""
    _die_in_good_order()
    try:
        status = app(arguments, standalone_mode=False)
        sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except (Exit, SystemExit) as end:
        return _status_of(end)
    except Problem as problem:
        return _say(str(problem))
    except TyperException as error:
        return _say(_sentence(error))
    except (Abort, KeyboardInterrupt):
        return _say("stopped; the finished runs are kept (stockproof runs list)", STOPPED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads any more
        return 0
    except OSError as error:
        return _say(_about_files(error))


def _die_in_good_order() -> None:
    """SIGTERM and SIGHUP unwind like Ctrl-C, so that servers are stopped on the way out."""

    def stop(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001 - a handler's form
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


def _status_of(end: Exit | SystemExit) -> int:
    code = end.exit_code if isinstance(end, Exit) else end.code
    return code if isinstance(code, int) else USAGE


def _say(sentence: str, status: int = USAGE) -> int:
    print(f"stockproof: {' '.join(sentence.split())}", file=sys.stderr)
    return status


def _sentence(error: TyperException) -> str:
    text = error.format_message().rstrip(".")
    path = getattr(getattr(error, "ctx", None), "command_path", "stockproof") or "stockproof"
    command = " ".join(["stockproof", *path.split()[1:]])
    return f"{text[:1].lower()}{text[1:]}; see {command} --help"


def _about_files(error: OSError) -> str:
    where = f" {error.filename}" if error.filename else ""
    match error.errno:
        case errno.ENOSPC:
            return f"the disk is full{where}: free some space, or name another place with --out"
        case errno.EACCES | errno.EROFS | errno.EPERM:
            return f"cannot write{where}: name a folder of yours with --out"
        case errno.ENOTDIR | errno.EEXIST | errno.EISDIR:
            return f"{where.strip() or 'that path'} is not a folder: name another with --out"
        case _:
            return f"the system refused{where}: {error.strerror or error}"
