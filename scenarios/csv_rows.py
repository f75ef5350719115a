"""The rows of somebody's CSV file, each value checked: what is wrong is named by file and line.

The header says which column is which, in any order; commas or semicolons part them. A spreadsheet's
byte order mark is taken, empty lines are left out.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TextIO

from inventory_core.problems import Problem

ROWS_MOST = 2_000_000
WORD_MOST = 64
"""Characters of an order number, a SKU or a place."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file, by the names of its columns."""

    file: str
    line: int
    values: Mapping[str, str]

    def problem(self, column: str, complaint: str) -> Problem:
        """The one sentence: which file, which line, which column, what is wrong with it."""
        return Problem(f"{self.file}:{self.line}: {column} {complaint}")

    def has(self, column: str) -> bool:
        """Does the file have this column?"""
        return column in self.values

    def word(self, column: str) -> str:
        """A name."""
        text = self.values[column]
        if not text:
            raise self.problem(column, "is empty; write one, or remove the line")
        if len(text) > WORD_MOST or not text.isprintable() or ";" in text:
            raise self.problem(
                column, f"is {text[:WORD_MOST]!r}; write at most {WORD_MOST} characters, no ;"
            )
        return text

    def place(self) -> str:
        """Where the article is; empty if the file does not say."""
        named = self.word("place") if self.values.get("place") else ""
        if "@" in named:
            raise self.problem("place", f"is {named!r}; write it without @")
        return named

    def number(self, column: str, least: int, most: int) -> int:
        """A whole number of units."""
        text = self.values[column]
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else -1
        if not least <= number <= most:
            raise self.problem(
                column, f"is {text!r}; write a whole number from {least:,} to {most:,}"
            )
        return number

    def second(self, column: str) -> float:
        """A moment, in seconds; one that names no zone counts as UTC."""
        text = self.values[column]
        try:
            if text.replace(".", "", 1).isdigit():
                return float(text)
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise self.problem(
                column, f"is {text!r}; write a time like 2026-11-11T00:00:00.5, or seconds"
            ) from None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def read_rows(path: Path, wanted: Sequence[str], optional: Sequence[str]) -> Iterator[Row]:
    """Every row of a file; columns that are neither wanted nor optional are left out."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from _rows(path.name, file, wanted, optional)
    except csv.Error as error:
        raise Problem(f"{path.name} is no CSV ({error}); close its quotes") from None
    except UnicodeDecodeError:
        raise Problem(f"{path.name} is not in UTF-8; save it so") from None
    except OSError as error:
        raise Problem(f"{path} cannot be read ({error.strerror}); name a CSV file") from None


def _rows(name: str, file: TextIO, wanted: Sequence[str], optional: Sequence[str]) -> Iterator[Row]:
    first = file.readline()
    delimiter = ";" if ";" in first and "," not in first else ","
    header = [word.strip() for word in next(csv.reader([first], delimiter=delimiter), [])]
    _check_header(name, header, wanted, optional)
    kept = [(at, column) for at, column in enumerate(header) if column in (*wanted, *optional)]
    begins = 2
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    for count, values in enumerate(reader):
        if count >= ROWS_MOST:
            raise Problem(f"{name} has more than {ROWS_MOST:,} lines; cut it into several files")
        if any(values):
            if len(values) != len(header):
                raise Problem(
                    f"{name}:{begins}: has {len(values)} values, and the header has"
                    f" {len(header)}; write one for each column"
                )
            yield Row(name, begins, {column: values[at].strip() for at, column in kept})
        begins = reader.line_num + 2


def _check_header(
    name: str, header: Sequence[str], wanted: Sequence[str], optional: Sequence[str]
) -> None:
    for column in wanted:
        if header.count(column) != 1:
            said = ", ".join(header) or "nothing"
            raise Problem(
                f"{name}:1: has no single column {column}; its header says {said}, and it needs"
                f" {', '.join(wanted)} (and may have {', '.join(optional)})"
            )
    for column in header:
        near = get_close_matches(column, optional, n=1, cutoff=0.75)
        if near and column != near[0]:
            raise Problem(f"{name}:1: has a column {column}; if {near[0]} is meant, call it so")
