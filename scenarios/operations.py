"""A run as checkers see it: attempts in columns, merged into operations, and the moves of units.

For judging, the attempts of one order number (and body) merge into **one operation**, from first
sent to first definite reply. An unknown followed by a replayed answer is one deduction.

    attempt     one request and its answer, as recorded
    operation   all deliveries and attempts that ask for one order with one body
    move        units taken (+1) or given back (-1) by an order, some time within an interval
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from inventory_core.domain import Cell, Line, add_up
from inventory_core.steps.kv import parse_cell

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

NEVER = np.iinfo(np.int64).max >> 2
"""Later than any run: a reply that did not come."""

ACCEPTED = ("deducted", "replayed")


def understood(text: str) -> tuple[Line, ...]:
    """Lines from the text of a record: `SKU@PLACE=2;SKU@PLACE=1`."""
    pairs = (part.rpartition("=") for part in text.split(";") if part)
    return tuple(Line(parse_cell(cell), int(quantity)) for cell, _, quantity in pairs)


class Words(NamedTuple):
    """A column of few distinct texts: for each row, the place of its text in `texts`."""

    code: Integers
    texts: tuple[str, ...]

    def are(self, *wanted: str) -> Flags:
        """Which rows have one of these texts?"""
        places = [place for place, text in enumerate(self.texts) if text in wanted]
        return np.isin(self.code, np.asarray(places, dtype=np.int64))


class Takes(NamedTuple):
    """What bodies ask for, added up by cell: body i has takes `start[i]` to `start[i + 1]`."""

    start: Integers
    cell: Integers
    quantity: Integers

    def of(self, bodies: Integers) -> tuple[Integers, Integers, Integers]:
        """For each take of these bodies: which of them (its place), the cell, the quantity."""
        lengths = (self.start[1:] - self.start[:-1])[bodies]
        owner = np.repeat(np.arange(len(bodies)), lengths)
        within = np.arange(len(owner)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        places = self.start[bodies][owner] + within
        return owner, self.cell[places], self.quantity[places]


@dataclass(frozen=True)
class History:
    """The attempts of a run, as columns. Dropped arrivals were never sent and are left out."""

    order: Words
    body: Words
    kind: Words
    outcome: Words
    sent_ns: Integers
    replied_ns: Integers

    @staticmethod
    def of(attempts: pa.Table) -> History:
        """From the recorded table."""
        dropped = pc.equal(attempts["outcome"].cast(pa.string()), "dropped")
        sent = attempts.filter(pc.invert(dropped))
        return History(
            order=_words(sent["order_number"]),
            body=_words(sent["lines"]),
            kind=_words(sent["kind"]),
            outcome=_words(sent["outcome"]),
            sent_ns=sent["sent_ns"].to_numpy(),
            replied_ns=sent["replied_ns"].to_numpy(),
        )

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """Every cell that was asked for, sorted."""
        bodies = [understood(text) for text in self.body.texts]
        return tuple(sorted({line.cell for lines in bodies for line in lines}))

    @cached_property
    def takes(self) -> Takes:
        """What each distinct body asks for."""
        place = {cell: number for number, cell in enumerate(self.cells)}
        bodies = [add_up(understood(text)) for text in self.body.texts]
        start = np.cumsum([0, *(len(lines) for lines in bodies)])
        flat = [line for lines in bodies for line in lines]
        cells = np.asarray([place[line.cell] for line in flat], dtype=np.int64)
        return Takes(start, cells, np.asarray([line.quantity for line in flat], dtype=np.int64))

    @cached_property
    def body_units(self) -> Integers:
        """Units that each distinct body asks for in all."""
        takes = self.takes
        total = np.concatenate([[0], np.cumsum(takes.quantity)])
        return np.asarray(total[takes.start[1:]] - total[takes.start[:-1]], dtype=np.int64)

    @cached_property
    def operations(self) -> Operations:
        """The deductions, merged by order number and body."""
        return Operations.of(self)

    def supply_of(self, supply: Mapping[Cell, int]) -> Integers:
        """The opening stock of each cell, in the order of `cells`; a strange cell has none."""
        return np.asarray([supply.get(cell, 0) for cell in self.cells], dtype=np.int64)


def _words(column: pa.ChunkedArray) -> Words:
    encoded = column.combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):  # an empty one stays chunked
        encoded = encoded.chunk(0) if encoded.num_chunks else pa.array([], column.type)
    if not isinstance(encoded, pa.DictionaryArray):
        encoded = encoded.dictionary_encode()
    code = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return Words(code, tuple(encoded.dictionary.to_pylist()))


@dataclass(frozen=True)
class Operations:
    """One row an operation. Times without a value are `NEVER`."""

    order: Integers  # place in history.order.texts
    body: Integers  # place in history.body.texts
    first_sent_ns: Integers
    last_replied_ns: Integers
    deducted: Integers  # how many attempts were answered so
    accepted: Integers  # deducted or replayed
    refused: Integers
    unknown: Integers
    contended: Integers
    accepted_ns: Integers  # reply of the first accepted attempt
    deducted_ns: Integers  # reply of the first deducted attempt
    refused_ns: Integers  # reply of the first refused attempt
    contended_ns: Integers  # reply of the last contended attempt; 0 if none

    @staticmethod
    def of(history: History) -> Operations:
        """Merge the deduct attempts of each order number and body."""
        rows = np.flatnonzero(history.kind.are("deduct"))
        bodies = max(1, len(history.body.texts))
        keys, where = np.unique(
            history.order.code[rows] * bodies + history.body.code[rows], return_inverse=True
        )
        sent, replied = history.sent_ns[rows], history.replied_ns[rows]

        def count(*outcomes: str) -> Integers:
            return np.bincount(where[history.outcome.are(*outcomes)[rows]], minlength=len(keys))

        def first(times: Integers, *outcomes: str) -> Integers:
            some = history.outcome.are(*outcomes)[rows] if outcomes else np.ones(len(rows), bool)
            return least(len(keys), where[some], times[some])

        contended = history.outcome.are("contended")[rows]
        return Operations(
            order=keys // bodies,
            body=keys % bodies,
            first_sent_ns=first(sent),
            last_replied_ns=most(len(keys), where, replied),
            deducted=count("deducted"),
            accepted=count(*ACCEPTED),
            refused=count("refused"),
            unknown=count("unknown"),
            contended=count("contended"),
            accepted_ns=first(replied, *ACCEPTED),
            deducted_ns=first(replied, "deducted"),
            refused_ns=first(replied, "refused"),
            contended_ns=most(len(keys), where[contended], replied[contended]),
        )


def least(size: int, where: Integers, values: Integers) -> Integers:
    """The smallest value of each group; `NEVER` for a group without any."""
    found = np.full(size, NEVER, dtype=np.int64)
    np.minimum.at(found, where, values)
    return found


def most(size: int, where: Integers, values: Integers) -> Integers:
    """The greatest value of each group; 0 for a group without any."""
    found = np.zeros(size, dtype=np.int64)
    np.maximum.at(found, where, values)
    return found


def one_column(values: Any) -> Integers:
    """Any integers as a column."""
    return np.asarray(values, dtype=np.int64)
