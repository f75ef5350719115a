"""Evidence as a file that people can read: what was asked, and a line a strategy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from scenarios.recommending.evidence import Evidence, Measured
from scenarios.recommending.question import Question


def toml_of(evidence: Evidence) -> str:
    """The file, which `read_evidence` reads again."""
    lines = [
        "# Written by `python -m workbench.published evidence`: nothing here is edited by hand.",
        "# per_s: first-time deductions a second, live; predicted_per_s: what the simulation said.",
        "",
        "[about]",
        *_keys(asdict(evidence.about)),
    ]
    for name, situation in evidence.situations.items():
        lines += ["", f"[situation.{name}.asked]", *_keys(_changed(situation.question))]
        lines += ["", f"[situation.{name}.measured]"]
        lines += [f"{strategy} = {_row(each)}" for strategy, each in situation.measured.items()]
    return "\n".join(lines) + "\n"


def _keys(values: Mapping[str, Any]) -> Iterator[str]:
    return (f"{key} = {_literal(value)}" for key, value in values.items())


def _changed(question: Question) -> dict[str, Any]:
    """What is not as it is by itself."""
    plain = asdict(Question())
    return {key: value for key, value in asdict(question).items() if value != plain[key]}


def _row(measured: Measured) -> str:
    return "{ " + ", ".join(_keys(asdict(measured))) + " }"


def _literal(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case float():
            return f"{value:.6g}"
        case str():
            escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
            return f'"{escaped}"'
        case tuple():
            return f"[{', '.join(map(_literal, value))}]"
    return str(value)
