"""How the run was made: machine, durability, seeds, drivers, and what was left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reports.load import Comparison
from reports.wording import figure, is_figure, label_of, value_of

_TOP = ("scenario", "seed", "grade", "repetitions", "seconds", "started_at")


def made(comparison: Comparison) -> Iterator[tuple[str, str]]:
    """Names and values: what was asked for, where it ran, how durable it was."""
    about = comparison.about
    for key in _TOP:
        if about.get(key) is not None:
            yield label_of(key), _plain(about[key])
    for key, value in dict(about.get("machine") or {}).items():
        yield label_of(str(key)), value_of(value)
    for key, value in dict(about.get("software") or {}).items():
        if key != "argv" and value:
            yield label_of(str(key)), str(value)
    yield from _durability(comparison)
    yield from _driver(comparison)
    yield from _floor(dict(about.get("floor") or {}))


def remarks(comparison: Comparison) -> Iterator[tuple[str, list[str]]]:
    """What was skipped and why, and what else was noted."""
    for title, key in (("Skipped", "skipped"), ("Notes", "notes")):
        if items := comparison.about.get(key):
            yield title, [_remark(item) for item in items]


def question(comparison: Comparison) -> list[tuple[str, str]]:
    """The scenario as it was asked, key by key, overrides included."""
    asked = comparison.about.get("question")
    parts = dict(asked) if isinstance(asked, Mapping) else {}
    for number, fault in enumerate(parts.pop("faults", None) or (), 1):
        parts[f"fault {number}"] = fault
    return [
        (f"{part}.{key}", value_of(value))
        for part, keys in parts.items()
        if isinstance(keys, Mapping)
        for key, value in keys.items()
        if value not in ("", [], None)
    ]


def _durability(comparison: Comparison) -> Iterator[tuple[str, str]]:
    rows = comparison.rows[~comparison.rows["floor"]]
    for stack, own in rows.groupby("stack", sort=False):
        fsync = own["fsync_us"].median()
        flush = "" if fsync != fsync else f"; fsync {figure(fsync)} µs"
        said = ", ".join(dict.fromkeys(filter(None, own["durability"]))) or "not recorded"
        yield f"durability of {stack}", f"{said}{flush}"


def _driver(comparison: Comparison) -> Iterator[tuple[str, str]]:
    shares = comparison.rows["driver_cpu_share"].dropna()
    if shares.size:
        low, high = (figure(share * 100, 2) for share in (shares.min(), shares.max()))
        yield "CPU share of the load driver", f"{low} %" if low == high else f"{low} to {high} %"


def _floor(floor: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What the laboratory itself costs: it is part of every latency."""
    if is_figure(floor.get("step_cost_ns")):
        yield "awaiting a step, beyond a call", f"{figure(floor['step_cost_ns'])} ns"
    if is_figure(floor.get("share")):
        share = f"{figure(floor['share'] * 100, 2)} %"
        yield (
            "driver, plan and history",
            f"{figure(floor.get('driver_us'))} µs a deduction: {share} of what"
            f" {floor.get('strategy')} on {floor.get('stack')} takes for one client",
        )


def _remark(item: Any) -> str:
    if isinstance(item, Mapping) and "reason" in item:
        name = " on ".join(str(item[key]) for key in ("strategy", "stack") if item.get(key))
        return f"{name}: {item['reason']}" if name else str(item["reason"])
    return value_of(item)


def _plain(value: Any) -> str:
    """A seed is a name made of digits: it has no comma between thousands."""
    return f"{value:g}" if isinstance(value, float) else str(value)
