"""Verdicts as JUnit XML, for CI systems that show test results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree


def write_junit(path: Path, suite: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """One test case a row: failed when void or not holding, in error when unknown.

    A control passes when it was caught, and fails when it was not.
    """
    root = ElementTree.Element("testsuite", name=suite, tests=str(len(rows)))
    for row in rows:
        name = " ".join(str(row[key]) for key in ("strategy", "stack", "rule") if row.get(key))
        case = ElementTree.SubElement(root, "testcase", classname=suite, name=name)
        kind, message = _result(row)
        if kind:
            ElementTree.SubElement(case, kind, message=message)
    for kind, attribute in (("failure", "failures"), ("error", "errors")):
        root.set(attribute, str(len(root.findall(f".//{kind}"))))
    ElementTree.indent(root)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _result(row: Mapping[str, Any]) -> tuple[str, str]:
    broken = ", ".join(row.get("promises_broken") or ())
    if "holds" in row:
        if row.get("control"):
            return ("", "") if broken else ("failure", "a control was not caught")
        return ("", "") if row["holds"] else ("failure", f"broken: {broken}")
    if row.get("control") or row["verdict"] == "holds":
        return "", ""
    if row["verdict"] == "unknown":
        return "error", "a checker could not decide"
    return "failure", f"broken: {broken}"
