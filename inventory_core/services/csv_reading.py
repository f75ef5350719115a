"""A CSV text as rows, every wrong line named. It looks at nothing but the text.

RFC 4180 with a header line, in any order of columns. A spreadsheet's byte order mark and either end
of line are taken; empty lines are left out.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from inventory_core.services.csv_columns import WrongValue
from inventory_core.services.csv_report import WrongLine
from inventory_core.services.csv_tables import LINES_MOST, CsvRow, CsvTable

BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class NumberedRow:
    """A row, and the line of the file where it begins."""

    line: int
    row: CsvRow


@dataclass
class Reading:
    """What a text holds: its rows and its wrong lines, in their order."""

    rows: list[NumberedRow] = field(default_factory=list)
    wrong: list[WrongLine] = field(default_factory=list)

    def complain(self, line: int, sentence: str) -> None:
        """Note a wrong line."""
        self.wrong.append(WrongLine(line, sentence))


def read_csv(table: CsvTable, text: str) -> Reading:
    """Read a whole text. Rows are only good for something if nothing is wrong."""
    found = Reading()
    lines = _records(text, found)
    line, header = next(lines, (0, []))
    if not _right_header(table, line, header, found):
        return found
    seen: dict[tuple[str, ...], int] = {}
    for count, (line, values) in enumerate(lines, start=1):
        if count > LINES_MOST:
            found.complain(line, f"there are more than {LINES_MOST} lines; send several files")
            break
        row = _row(table, header, line, values, found)
        if row is None:
            continue
        first = seen.setdefault(table.key_of(row), line)
        if first != line:
            name = ", ".join(table.key_of(row))
            found.complain(line, f"{name} is in line {first} already; keep one of the two")
        found.rows.append(NumberedRow(line, row))
    return found


def _records(text: str, found: Reading) -> Iterator[tuple[int, list[str]]]:
    """Records with the lines where they begin. What is not CSV ends them, and is noted."""
    reader = csv.reader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK), newline=""), strict=True)
    begins = 1
    while True:  # bounded by the text
        try:
            values = next(reader, None)
        except csv.Error as error:
            sentence = f"this is not CSV ({error}); close its quotes, and double those within"
            found.complain(begins, sentence)
            return
        if values is None:
            return
        if any(values):
            yield begins, values
        begins = reader.line_num + 1


def _right_header(table: CsvTable, line: int, header: Sequence[str], found: Reading) -> bool:
    wanted = ", ".join(table.header)
    if not header:
        if not found.wrong:
            found.complain(0, f"the file is empty; write a line with {wanted} first")
        return False
    if len(header) == 1 and ";" in header[0]:
        found.complain(line, "the columns are parted by semicolons; save the file with commas")
        return False
    for name in dict.fromkeys(header):
        if name not in table.header:
            found.complain(line, f"there is no column {name[:40]!r}; the columns are {wanted}")
        elif header.count(name) > 1:
            found.complain(line, f"the column {name} is there twice; leave one of them out")
    for name in table.header:
        if name not in header:
            found.complain(line, f"the column {name} is missing; add it")
    return not found.wrong


def _row(
    table: CsvTable, header: Sequence[str], line: int, values: list[str], found: Reading
) -> CsvRow | None:
    """The row of a line; None, and its faults are noted, if it has any."""
    if len(values) != len(header):
        found.complain(line, f"it has {len(values)} values; write {len(header)}, as the header has")
        return None
    said, read, faults = dict(zip(header, values, strict=True)), {}, []
    for column in table.columns:
        try:
            read[column.name] = column.read(said[column.name])
        except WrongValue as wrong:
            faults.append(str(wrong))
    row: CsvRow | None = None
    if not faults:
        row = table.kind(**read)  # type: ignore[arg-type]
        faults += filter(None, [table.wrong(row)])
    for sentence in faults:
        found.complain(line, sentence)
    return None if faults else row
