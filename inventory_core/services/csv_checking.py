"""Does what the lines of a file name exist here? Looked at before any line is carried out."""

from __future__ import annotations

from inventory_core.records import Channel, Service, Warehouse
from inventory_core.services.csv_out import whole_kind
from inventory_core.services.csv_reading import Reading
from inventory_core.services.csv_tables import CsvRow, Physical, Sellable
from inventory_core.services.parts import Engines
from inventory_core.sourcing.registry import sourcings


async def check_rows(engines: Engines, reading: Reading) -> None:
    """Note every line that names a warehouse, channel, engine or sourcing that is not here."""
    warehouses = {one.code for one in await whole_kind(Warehouse)}
    channels = {one.code: one for one in await whole_kind(Channel)}
    for one in reading.rows:
        for sentence in _faults(engines, one.row, warehouses, channels):
            reading.complain(one.line, sentence)


def _faults(
    engines: Engines, row: CsvRow, warehouses: set[str], channels: dict[str, Channel]
) -> list[str]:
    if isinstance(row, Service | Physical) and row.warehouse not in warehouses:
        return [f"there is no warehouse {row.warehouse}; add it first"]
    if isinstance(row, Sellable) and row.channel not in channels:
        return [f"there is no channel {row.channel}; add it first"]
    if isinstance(row, Channel):
        return _faults_of_channel(engines, row, channels.get(row.code))
    return []


def _faults_of_channel(engines: Engines, row: Channel, before: Channel | None) -> list[str]:
    faults = []
    for what, name, known in (
        ("engine", row.engine, list(engines.by_name)),
        ("sourcing", row.sourcing, list(sourcings())),
    ):
        if name not in known:
            faults.append(f"there is no {what} {name!r} here; choose among {', '.join(known)}")
    if not faults and before is not None and before.engine != row.engine:
        faults.append(
            f"channel {row.code} sells by {before.engine}; write that here, and change its engine"
            " by itself once it holds nothing"
        )
    return faults
