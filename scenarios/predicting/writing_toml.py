"""A calibrated profile as a TOML file that people can read and change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from scenarios.predicting.calibration import Found
from scenarios.predicting.profile import About

TABLES = ("machine", "network", "client", "sql", "kv")


def toml_of(found: Found, about: About) -> str:
    """The file: figures in microseconds, with what was seen of them beside."""
    lines = ["# Written by `stockproof calibrate`. Times are microseconds.", ""]
    lines += [*_table("about", asdict(about)), ""]
    profile = asdict(found.profile)
    for name in TABLES:
        lines += [*_table(name, profile[name]), ""]
    for name in ("sql_steps", "kv_steps"):
        lines.append(f"[{name}]  # processor time of the server; quartiles of what a client waited")
        for kind, us in profile[name].items():
            low, high = found.spread.get(kind, (0.0, 0.0))
            lines.append(f"{kind} = {us:g}  # {low:.0f} to {high:.0f}")
        lines.append("")
    lines.append("[pace]  # how many times as long its steps take at four clients")
    lines += [f"{name} = {pace:g}" for name, pace in profile["pace"].items()]
    lines.append("")
    lines.append("# What was fitted, and how well: mechanisms under a crowd, orders a second.")
    for probe in found.probes:
        what = f"{probe.name.rpartition(':')[2]}, {probe.cells} rows, {probe.clients} clients"
        lines.append(
            f"#   {what}: measured {probe.orders_per_s:,.0f}, simulated"
            f" {probe.simulated_per_s:,.0f} ({probe.error:+.1%})"
        )
    return "\n".join(lines) + "\n"


def _table(name: str, values: Mapping[str, Any]) -> Iterator[str]:
    yield f"[{name}]"
    for key, value in values.items():
        yield f"{key} = {_literal(value)}"


def _literal(value: Any) -> str:
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
        return f'"{escaped}"'
    return f"{value:g}" if isinstance(value, float) else str(value)
