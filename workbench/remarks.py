"""The lines under the table: what its words mean, and how far to trust the figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workbench.verdict_table import CONTROL, is_judged

Row = Mapping[str, Any]


def stands(row: Row) -> bool:
    """Is this proof as it should be: of a strategy that holds, of a control that was caught?"""
    return bool(row["promises_broken"]) if row["control"] else bool(row["holds"])


def remarks(record: Row, proved: Sequence[Row]) -> Iterator[str]:
    """Everything worth saying about a comparison, given the content of its `comparison.json`."""
    rows = record["rows"]
    if record.get("against"):
        yield sentence(record["against"])
    if any(row["verdict"] == "void" for row in rows):
        yield "void: it broke a promise, so its speed means nothing"
    if any(row.get("control") for row in rows):
        yield f"{CONTROL} a control: meant to fail, so that we see that failures are caught"
    if any(row.get("shop") for row in rows):
        yield "goodput: orders paid a second; what became of the others is in the report"
    yield from _of_chance(record.get("comparisons") or ())
    yield from _doubts(rows)
    yield from _of_proofs(proved)
    yield from record.get("skipped", ())
    yield from _of_the_harness(record)
    yield from _of_the_grade(record)


def sentence(against: Row) -> str:
    """What two sides came to, in words."""
    new, base = (_called(against[name]) for name in ("new", "base"))
    if not against["rounds"] or against["ratio_high"] is None:
        return f"{new} against {base}: unknown, because {against['why']}"
    speed = (
        f"{new} does {against['ratio']:.3f} times what {base} does"
        f" ({against['ratio_low']:.3f} to {against['ratio_high']:.3f}, p {against['p']:.2g},"
        f" {against['rounds']} rounds)"
    )
    if against["verdict"] == "unknown":
        return f"{speed}: unknown, because {against['why']}"
    return f"{speed}: {against['verdict']}, counting {against['material']:.0%} or more"


def _called(side: Row) -> str:
    return f"{side['strategy']}{f' ({told})' if (told := side.get('told')) else ''}"


def _doubts(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        if row["verdict"] == "unknown":
            yield f"unknown: {row['strategy']}: {row.get('note') or 'a checker could not decide'}"
    names = (row["strategy"] for row in rows if is_judged(row) and row.get("driver_bound"))
    bound = list(dict.fromkeys(names))
    if bound:
        yield f"bound by the load driver, so the store can do more: {', '.join(bound)}"


def _of_chance(comparisons: Sequence[Row]) -> Iterator[str]:
    """Who differs from the best by more than chance, and for whom it cannot be said."""
    if not comparisons:
        return
    best = comparisons[0]["best"]
    slower = [
        f"{row['strategy']} {row['ratio'] - 1:+.0%} (p {row['p']:.2g}, effect {row['effect']:+.2f})"
        for row in comparisons
        if row["significant"]
    ]
    if slower:
        yield f"slower than {best} by more than chance: {', '.join(slower)}"
    doubtful = [row["strategy"] for row in comparisons if not row["significant"]]
    if doubtful:
        yield f"not told apart from {best}: {', '.join(doubtful)}"


def _of_proofs(proved: Sequence[Row]) -> Iterator[str]:
    wrong = [row for row in proved if not stands(row)]
    if proved and not wrong:
        caught = sum(bool(row["control"]) for row in proved)
        controls = f"; controls caught: {caught}" if caught else ""
        yield f"proved: {len(proved) - caught} hold on every schedule and crash tried{controls}"
    for row in wrong:
        name = row["strategy"]
        if row["control"]:
            yield f"proved: the control {name} was NOT caught"
        else:
            broken = ", ".join(row["promises_broken"])
            yield f"proved: {name} BREAKS {broken}; see stockproof prove {name}"


def _of_the_harness(record: Row) -> Iterator[str]:
    floor = record.get("floor")
    if floor:
        yield (
            f"the harness: {floor['share']:.1%} of one client's median latency"
            f" ({floor['strategy']} on {floor['stack']})"
        )


def _of_the_grade(record: Row) -> Iterator[str]:
    if record.get("grade") == "demo":
        times, seconds = record["repetitions"], record["seconds"]
        extent = f"{times} repetition{'s' if times != 1 else ''} of {seconds:g} s"
        yield f"demo grade ({extent}): an orientation, not evidence; see --grade"
