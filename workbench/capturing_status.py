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
from inventory_core.sync.cdc.state import CaptureState
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


def status_of(pipeline: Pipeline) -> Said:
    """Capture, source, product, and what wants attention."""
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
    with product_of(pipeline) as shelf:
        product: Said = dict(shelf.figures().get(pipeline.name, {}))
        dead = shelf.dead_letters()
    product["lag_s"] = _lag_s(product)
    product["dead_letters"] = [{"reason": each.reason, "tries": each.tries} for each in dead]
    source, warnings = _source_of(pipeline)
    if dead:
        warnings.append(f"{len(dead)} dead letters: stockproof cdc replay tries them again")
    said = {"pipeline": pipeline.name, "capture": capture, "source": source, "product": product}
    return {**said, "warnings": warnings}


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
    with product_of(pipeline) as shelf:
        done = shelf.replay()
    said = {"applied": done.applied, "stale": done.stale, "dead": done.dead}
    return said, (
        f"{done.applied} applied, {done.stale} overtaken by newer changes, {done.dead} set aside"
        " again"
    )


def snapshot_wanted(pipeline: Pipeline) -> tuple[Said, str]:
    """Ask the capture for a new snapshot, in whichever process it is."""
    with closing(CaptureState(pipeline.state, pipeline.name)) as state:
        state.want_snapshot()
    return {"snapshot": "wanted"}, "the capture takes a new snapshot as soon as it runs"
