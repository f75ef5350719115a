"""The files that a scenario names: beside the scenario, or where the command is called."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from scenarios.reading_toml import Place

if TYPE_CHECKING:
    from scenarios.scenario import Scenario


def with_files(scenario: Scenario, folder: Path, place: Place) -> Scenario:
    """The same scenario with the full paths of its files; a `Problem` if one is not there."""
    _refuse_files_nobody_reads(scenario, place)
    stock, demand = scenario.stock, scenario.demand
    if demand.kind == "csv":
        demand = replace(demand, file=_found(demand.file, folder, place, "demand.file"))
    if stock.file:
        stock = replace(stock, file=_found(stock.file, folder, place, "stock.file"))
    return replace(scenario, stock=stock, demand=demand)


def _found(name: str, folder: Path, place: Place, key: str) -> str:
    for path in (folder / name, Path(name)):
        if path.is_file():
            return str(path.resolve())
    raise place.problem(key, f"is {name!r}, and there is no such file beside the scenario")


def _refuse_files_nobody_reads(scenario: Scenario, place: Place) -> None:
    stock, demand = scenario.stock, scenario.demand
    if demand.kind != "csv":
        for key, said in (
            ("demand.file", demand.file),
            ("demand.compress", demand.compress),
            ("stock.file", stock.file),
        ):
            if said:
                raise place.problem(key, 'is for orders of your own; set demand.kind to "csv"')
        return
    for key, wrong, complaint in (
        ("demand.file", not demand.file, "is missing; name the CSV of the orders"),
        ("stock.source", stock.source != "stated", 'must be "stated" with orders of your own'),
        ("demand.pool", demand.pool > 0, "must be 0 with orders of your own"),
    ):
        if wrong:
            raise place.problem(key, complaint)
