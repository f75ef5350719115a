"""What is wrong with a command line, or with the files it names, in one sentence that helps."""

from __future__ import annotations

import errno
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

import typer

# Typer once used Click and now carries a copy of it; seen from an exception that it exports, the
# one from which all complaints about usage come is in the same place in both.
Complaint: Any = typer.BadParameter.__mro__[2]
assert Complaint.__name__ == "ClickException"


def about_usage(error: Any) -> str:
    """An unknown command or option, a wrong value, something missing: and where to read on."""
    text = _text(error).rstrip(".")
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "stockproof"
    return f"{text[:1].lower()}{text[1:]}; see {path} --help"


def _text(error: Any) -> str:
    text = str(error.format_message()).replace("Value error, ", "")
    if text.startswith("Missing command"):
        return f"Missing command: say one of {', '.join(error.ctx.command.commands)}"
    if text.startswith("No such command"):
        name = text.split("'")[1]  # what follows may be Typer's own guess
        return f"No such command {name!r}" + _nearest(name, error.ctx.command.commands)
    if text.startswith("No such option"):
        options = [name for option in error.ctx.command.params for name in option.opts]
        return text.partition(" (")[0] + _nearest(error.option_name, options)
    given = _given(error)
    return text.replace("Invalid value for", f"invalid value {given} for", 1) if given else text


def _nearest(given: str, known: Iterable[str]) -> str:
    near = get_close_matches(given, list(known), n=1)
    return f" (did you mean {near[0]}?)" if near else ""


def _given(error: Any) -> str:
    """The value that did not suit; Typer's own sentences leave it out."""
    errors = getattr(error.__cause__, "errors", None)
    found = errors() if errors else []
    given = repr(found[0].get("input")) if found else ""
    return "" if given in str(error) else given


def about_files(error: OSError) -> str:
    """What the system refused, and what to do about it."""
    where = f" {error.filename}" if error.filename else ""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return f"the disk is full{where}: free some space, or name another place with --out"
        case errno.EACCES | errno.EROFS | errno.EPERM:
            return f"cannot write{where}: name a folder of yours with --out"
        case errno.ENOTDIR | errno.EEXIST | errno.EISDIR:
            return f"{where.strip() or 'that path'} is not a folder: name another with --out"
        case errno.ENOENT:
            return f"there is no{where or ' such file'}: name one that exists"
        case errno.EMFILE | errno.ENFILE:
            return "too many files are open: raise the limit (ulimit -n), or use fewer connections"
        case _:
            return f"the system refused{where}: {error.strerror or error}"
