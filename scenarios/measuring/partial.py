"""Runs that did not come to a whole end: what is kept of them, and what the user is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from inventory_core.problems import Problem
from inventory_core.steps import StepError


def whole_of(rows: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """The repetitions that were whole; all of them if none was."""
    return [row for row in rows if not row.get("partial")] or rows


def refuse_partial(row: Mapping[str, Any], folder: Path) -> None:
    """End the campaign after a run whose stores were full, or gone at its end."""
    if row.get("partial"):
        raise Problem(
            f"{row['partial'].rstrip('.')}; the run of {row['strategy']} is kept in {folder},"
            " marked as partial, beside those that are finished: mend that, and start again with"
            f" --out {folder.parent}"
        )


@contextmanager
def kept_is_told(out: Path, finished: bool) -> Iterator[None]:
    """A problem in the middle of a campaign says where the finished runs are."""
    try:
        yield
    except StepError as error:
        said = " ".join(f"{type(error).__name__} {error}".split())
        raise Problem(
            f"a store failed between two runs ({said}): see to it{_kept(out, finished)}"
        ) from None
    except Problem as problem:
        raise Problem(f"{str(problem).rstrip('.')}{_kept(out, finished)}") from None


def _kept(out: Path, finished: bool) -> str:
    return f"; finished runs are in {out}" if finished else ""
