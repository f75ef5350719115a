"""A CSV table comes in: looked at as a whole, then carried out line by line, once for its key.

    known key? --> read --> exist? --> the act `csv:KEY` --> every line once --> the act says done

Nothing is changed while any line is wrong, and then the key is still free. Once the act is written,
whoever gives the same key and text again goes on where the last one died, or hears what was done.
A line of `sellable` for which there are too few unassigned units is refused by itself; channels
give before they get, so units may go from one to another in one file.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace

from inventory_core.problems import Problem
from inventory_core.records import Act
from inventory_core.services.csv_applying import Applied, apply_line
from inventory_core.services.csv_checking import check_rows
from inventory_core.services.csv_columns import CODE, CODE_LONGEST
from inventory_core.services.csv_preview import preview
from inventory_core.services.csv_reading import Reading, read_csv
from inventory_core.services.csv_report import CsvReport, CsvSaid, WrongLine
from inventory_core.services.csv_tables import table
from inventory_core.services.parts import Engines
from inventory_core.steps import rows, sql

TURNS = (0, 1)
"""First the channels that give, then those that get."""


async def import_csv(
    engines: Engines, what: str, text: str, key: str, *, dry_run: bool = False
) -> CsvReport:
    """Make a table what a text says; see `CsvSaid` for what it answers."""
    wanted = table(what)
    _check_key(key)
    digest = _digest(what, text)
    known = await _known(what, key, digest)
    if known is not None and known.said is not CsvSaid.UNDER_WAY:
        return known
    reading = read_csv(wanted, text)
    if known is None or dry_run:  # every wrong line is named, whatever else is wrong
        await check_rows(engines, reading)
    if reading.wrong:
        lines = tuple(sorted(reading.wrong, key=lambda one: one.line))
        return CsvReport(CsvSaid.WRONG, what, len(reading.rows), wrong=lines)
    if dry_run:
        return await preview(engines, wanted, reading.rows)
    if known is None and not await rows.Insert(await _act(what, key, digest)):
        known = await _known(what, key, digest)  # somebody else has begun it just now
        if known is not None and known.said is not CsvSaid.UNDER_WAY:
            return known
    return await _carry_out(engines, what, key, reading)


def _check_key(key: str) -> None:
    if len(key) > CODE_LONGEST or not re.fullmatch(CODE, key):
        raise Problem(f"the key {key[:80]!r} is no code; use letters, digits and . _ : - between")


def _digest(what: str, text: str) -> str:
    return hashlib.sha256(f"{what}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()


async def _act(what: str, key: str, digest: str) -> Act:
    detail = json.dumps({"digest": digest, "report": ""})
    return Act(f"csv:{key}", await rows.StoreClock(), "csv", "csv.import", what, detail)


async def _known(what: str, key: str, digest: str) -> CsvReport | None:
    """What an earlier delivery of the key answers; under way if it did not come to its end."""
    act = await rows.Get(Act, (f"csv:{key}",))
    if act is None:
        return None
    kept = json.loads(act.detail)
    if kept["digest"] != digest:
        said = f"the key {key} has brought another text before; use a new key"
        return CsvReport(CsvSaid.MISMATCHED, what, reason=said)
    if not kept["report"]:
        return CsvReport(CsvSaid.UNDER_WAY, what)
    return CsvReport.from_json(what, kept["report"])


async def _carry_out(engines: Engines, what: str, key: str, reading: Reading) -> CsvReport:
    """Every line that nobody has carried out yet."""
    done: dict[int, Applied] = {}
    for turn in TURNS:
        for one in reading.rows:
            if one.line not in done:
                applied = await apply_line(engines, key, one, turn)
                if applied is not None:
                    done[one.line] = applied
    refused = tuple(
        WrongLine(line, one.refused) for line, one in sorted(done.items()) if one.refused
    )
    changed = sum(one.changed for one in done.values())
    unchanged = len(reading.rows) - changed - len(refused)
    report = CsvReport(CsvSaid.DONE, what, len(reading.rows), changed, unchanged, refused=refused)
    if not all(one.finished for one in done.values()):
        said = "some moves are not finished; ask again with the same key and text"
        return replace(report, said=CsvSaid.UNDER_WAY, reason=said)
    return await _finished(key, report)


async def _finished(key: str, report: CsvReport) -> CsvReport:
    """Keep the report for later deliveries; if somebody else was faster, theirs counts."""
    async with sql.transaction():
        act = await rows.Lock(Act, (f"csv:{key}",))
        assert act is not None, f"the act of csv:{key} has vanished; acts are kept"
        kept = json.loads(act.detail)
        if kept["report"]:
            return CsvReport.from_json(report.what, kept["report"])
        await rows.Put(replace(act, detail=json.dumps(kept | {"report": report.as_json()})))
    return report
