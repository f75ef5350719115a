"""What an import would change, line by line. It reads, and changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from inventory_core.records import Unassigned
from inventory_core.services.csv_columns import written
from inventory_core.services.csv_out import all_rows, whole_kind
from inventory_core.services.csv_reading import NumberedRow
from inventory_core.services.csv_report import CsvChange, CsvReport, CsvSaid, WrongLine
from inventory_core.services.csv_tables import CsvRow, CsvTable, Physical, Sellable
from inventory_core.services.parts import Engines


async def preview(engines: Engines, wanted: CsvTable, found: Sequence[NumberedRow]) -> CsvReport:
    """The report of a dry run."""
    before = {wanted.key_of(row): row for row in await all_rows(engines, wanted)}
    refused = await _short(before, wanted, found) if wanted.kind is Sellable else ()
    lines = {one.line for one in refused}
    changes = [
        change
        for one in found
        if one.line not in lines
        and (change := _change(wanted, one, before.get(wanted.key_of(one.row)))) is not None
    ]
    unchanged = len(found) - len(changes) - len(refused)
    return CsvReport(
        CsvSaid.WOULD,
        wanted.name,
        len(found),
        len(changes),
        unchanged,
        refused=refused,
        changes=tuple(changes),
    )


def _change(wanted: CsvTable, one: NumberedRow, before: CsvRow | None) -> CsvChange | None:
    """What a line changes; None if it is so already."""
    values = [name for name in wanted.header if name not in wanted.kind.KEY]
    if before is None and isinstance(one.row, Physical | Sellable):
        before_of = dict.fromkeys(values, "0")
    elif before is None:
        return CsvChange(one.line, ", ".join(wanted.key_of(one.row)), "", _said(one.row, values))
    else:
        before_of = {name: written(getattr(before, name)) for name in values}
    differ = [name for name in values if before_of[name] != written(getattr(one.row, name))]
    if not differ:
        return None
    said = " ".join(f"{name}={before_of[name]}" for name in differ)
    return CsvChange(one.line, ", ".join(wanted.key_of(one.row)), said, _said(one.row, differ))


def _said(row: CsvRow, names: Sequence[str]) -> str:
    return " ".join(f"{name}={written(getattr(row, name))}" for name in names)


async def _short(
    before: Mapping[tuple[str, ...], CsvRow], wanted: CsvTable, found: Sequence[NumberedRow]
) -> tuple[WrongLine, ...]:
    """Lines for which there are too few unassigned units, once the others have given theirs."""
    left = {one.sku: one.quantity for one in await whole_kind(Unassigned)}
    more: list[tuple[NumberedRow, Sellable, int]] = []
    for one in found:
        row, known = one.row, before.get(wanted.key_of(one.row))
        assert isinstance(row, Sellable), f"{row} is not of {wanted.name}"
        delta = row.sellable - (known.sellable if isinstance(known, Sellable) else 0)
        if delta > 0:
            more.append((one, row, delta))
        else:
            left[row.sku] = left.get(row.sku, 0) - delta
    refused = []
    for one, row, delta in more:
        there = left.get(row.sku, 0)
        if delta > there:
            said = f"unassigned has {there} of {row.sku}, fewer than {delta}; free some first"
            refused.append(WrongLine(one.line, said))
        else:
            left[row.sku] = there - delta
    return tuple(refused)
