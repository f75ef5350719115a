"""What `stockproof cdc status` tells and `replay` does: the files, and the source's own view."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from rich.table import Table

from inventory_core.problems import Problem
from inventory_core.sync.cdc.capture import retained_by
from inventory_core.sync.cdc.errors import SourceLost
from inventory_core.sync.cdc.pipeline import Pipeline
from inventory_core.sync.cdc.state import CaptureState, has_begun
from product_system.shelf import CannotOpen, Shelf
from workbench.screen import results

Said = dict[str, Any]


@contextmanager
def product_of(pipeline: Pipeline, *, audited: bool = False) -> Iterator[Shelf]:
    """The product's database, for as long as the block lasts."""
    try:
        shelf = Shelf(pipeline.product, audited=audited)
    except CannotOpen as problem:
        raise Problem(str(problem)) from None
    with closing(shelf):
        yield shelf


def must_have_run(pipeline: Pipeline) -> None:
    """A `Problem` if there is nothing to tell of; no file is made by asking."""
    if not has_begun(pipeline.state, pipeline.name):
        raise Problem(
            f"pipeline {pipeline.name} has never run with {pipeline.data} as its data:"
            " start it with stockproof cdc run"
        )


def status_of(pipeline: Pipeline) -> Said:
    """Capture, source, product, and what wants attention."""
    must_have_run(pipeline)
    with closing(CaptureState(pipeline.state, pipeline.name)) as state:
        progress, figures = state.progress(), state.noted()
        wanted = state.snapshot_wanted()
    capture = {
        "phase": progress.phase.value,
        "epoch": progress.epoch,
        "position": progress.position,
        "snapshot_wanted": wanted,
        **figures,
    }
    product = _product_of(pipeline) if pipeline.product.exists() else _UNMADE
    source, warnings = _source_of(pipeline)
    if dead := product["dead_letters"]:
        warnings.append(f"{len(dead)} dead letters: stockproof cdc replay tries them again")
    said = {"pipeline": pipeline.name, "capture": capture, "source": source, "product": product}
    return {**said, "warnings": warnings}


_UNMADE: Said = {"lag_s": None, "dead_letters": []}
"""A product that no consumer has made yet."""


def _product_of(pipeline: Pipeline) -> Said:
    with product_of(pipeline) as shelf:
        product: Said = dict(shelf.figures().get(pipeline.name, {}))
        dead = shelf.dead_letters()
    product["lag_s"] = _lag_s(product)
    product["dead_letters"] = [{"reason": each.reason, "tries": each.tries} for each in dead]
    return product


def _lag_s(product: Said) -> float | None:
    """Of the newest change that was applied: from its commit to that of the product."""
    if not product.get("committed_at_us"):
        return None
    return float(product["applied_at_us"] - product["committed_at_us"]) / 1e6


def _source_of(pipeline: Pipeline) -> tuple[Said, list[str]]:
    try:
        kept = retained_by(pipeline.source, pipeline.name, pipeline.limits.retained_warning_bytes)
    except SourceLost as lost:
        return {}, [f"the source does not answer: {lost}"]
    if kept is None:
        return {}, []
    told = {"retained_bytes": kept.retained_bytes, "behind_bytes": kept.behind_bytes}
    return told, [kept.warning] if kept.warning else []


def show(found: Said) -> None:
    """The same, for people."""
    table = Table("part", "what", "is", box=None)
    for part in ("capture", "source", "product"):
        for name, value in found[part].items():
            said = f"{value:,.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else value
            if name != "dead_letters":
                table.add_row(part, name.replace("_", " "), str(said))
    for letter in found["product"]["dead_letters"]:
        table.add_row("product", "dead letter", f"{letter['reason']} (tried {letter['tries']})")
    for warning in found["warnings"]:
        table.add_row("", "warning", warning)
    results().print(table)


def replayed(pipeline: Pipeline) -> tuple[Said, str]:
    """Try the dead letters once more."""
    must_have_run(pipeline)
    with product_of(pipeline) as shelf:
        done = shelf.replay()
    said = {"applied": done.applied, "stale": done.stale, "dead": done.dead}
    return said, (
        f"{done.applied} applied, {done.stale} overtaken by newer changes, {done.dead} set aside"
        " again"
    )


def snapshot_wanted(pipeline: Pipeline) -> tuple[Said, str]:
    """Ask the capture for a new snapshot, in whichever process it is."""
    must_have_run(pipeline)
    with closing(CaptureState(pipeline.state, pipeline.name)) as state:
        state.want_snapshot()
    return {"snapshot": "wanted"}, "the capture takes a new snapshot as soon as it runs"
