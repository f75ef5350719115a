"""What a MariaDB's binlog says: row events with the names of their columns, and where they end.

A change's place is the end of its event in the binlog, after the number of the file, and which row
of the event it is. Times in a binlog are whole seconds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pymysqlreplication import BinLogStreamReader
from pymysqlreplication.event import HeartbeatLogEvent, QueryEvent, RotateEvent, XidEvent
from pymysqlreplication.row_event import DeleteRowsEvent, UpdateRowsEvent, WriteRowsEvent

from inventory_core.problems import Problem
from inventory_core.sync.cdc.change import Change, Operation, Position
from inventory_core.sync.cdc.rules import Rules

HEARTBEAT_S = 0.5
FILE_BITS = 32
"""A place in one file has 32 bits; the number of the file stands above."""

ROW_EVENTS = (WriteRowsEvent, UpdateRowsEvent, DeleteRowsEvent)
EVENTS = [*ROW_EVENTS, XidEvent, QueryEvent, RotateEvent, HeartbeatLogEvent]
_WHOLE_TABLE = re.compile(
    r"\s*(TRUNCATE|DROP)\s+(?:TABLE\s+)?(?:IF\s+EXISTS\s+)?(?:`?(\w+)`?\.)?`?(\w+)`?", re.IGNORECASE
)


def opened_reader(settings: Mapping[str, Any], server: int, position: str) -> Any:
    """A reader of the binlog from that place on."""
    file, _, place = position.partition(":")
    return BinLogStreamReader(
        connection_settings=dict(settings),
        server_id=server,
        blocking=True,
        resume_stream=True,
        log_file=file,
        log_pos=int(place),
        only_events=EVENTS,
        slave_heartbeat=HEARTBEAT_S,
        enable_logging=False,
    )


class Assembling:
    """Makes changes of events."""

    def __init__(self, rules: Rules, keys: Mapping[str, tuple[str, ...]]) -> None:
        self._rules = rules
        self._keys = keys
        self._checked: set[tuple[str, int]] = set()

    def told(self, event: Any, file: str) -> tuple[list[Change], str]:
        """The changes of an event, and the place that may be gone on from, if it is such a one."""
        if isinstance(event, ROW_EVENTS):
            return self._rows(event, file), ""
        if isinstance(event, XidEvent):
            return [], place_text(file, event.packet.log_pos)
        if isinstance(event, QueryEvent):
            return self._query(event, file)
        return [], ""

    def _rows(self, event: Any, file: str) -> list[Change]:
        table = f"{event.schema}.{event.table}"
        rule = self._rules.by_table.get(table)
        if rule is None:
            return []
        log, at_us = log_of(file, event.packet.log_pos), event.timestamp * 1_000_000
        changes: list[Change] = []

        def add(operation: Operation, row: dict[str, Any], part: int) -> None:
            columns = {name: _text(value) for name, value in row.items()}
            key = tuple([str(columns[name]) for name in self._keys[table]])
            told = columns if operation is Operation.PUT else {}
            changes.append(Change(table, operation, key, told, Position(log, part), at_us))

        for number, row in enumerate(event.rows):
            before = row.get("before_values")
            after = row["values"] if before is None else row["after_values"]
            if not number:
                self._check(table, event.table_id, after)
            if isinstance(event, DeleteRowsEvent):
                add(Operation.GONE, after, 2 * number)
                continue
            if before is not None and any(before[n] != after[n] for n in self._keys[table]):
                add(Operation.GONE, before, 2 * number)
            add(Operation.PUT, after, 2 * number + 1)
        return changes

    def _check(self, table: str, number: int, row: Mapping[str, Any]) -> None:
        """A table that was altered has a new number: is it still what its rule wants?"""
        if (table, number) in self._checked:
            return
        if any(name.startswith("UNKNOWN_COL") for name in row):
            raise Problem(
                f"the binlog does not name the columns of table {table}:"
                " SET GLOBAL binlog_row_metadata = FULL, then take a new snapshot"
                " with stockproof cdc replay --snapshot"
            )
        self._rules.by_table[table].check(list(row))
        self._checked.add((table, number))

    def _query(self, event: Any, file: str) -> tuple[list[Change], str]:
        """Statements stand in the binlog as text: what empties a watched table, and ends."""
        text = event.query if isinstance(event.query, str) else event.query.decode(errors="replace")
        if text.upper().startswith(("BEGIN", "SAVEPOINT")):
            return [], ""
        place = event.packet.log_pos
        found = _WHOLE_TABLE.match(text)
        table = f"{found[2] or _name(event.schema)}.{found[3]}" if found else ""
        if found is None or table not in self._rules.by_table:
            return [], place_text(file, place)
        if found[1].upper() == "DROP":
            raise Problem(
                f"table {table} was dropped in the source: take it out of the rules, or make it"
                " again and take a new snapshot with stockproof cdc replay --snapshot"
            )
        at = Position(log_of(file, place), 0)
        emptied = Change(table, Operation.EMPTIED, (), {}, at, event.timestamp * 1_000_000)
        return [emptied], place_text(file, place)


def place_text(file: str, place: int) -> str:
    """`binlog.000003:4711`."""
    return f"{file}:{place}"


def log_of(file: str, place: int) -> int:
    """A place in the log as one number, which grows."""
    return (int(file.rpartition(".")[2]) << FILE_BITS) + place


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return value.decode() if isinstance(value, bytes) else str(value)


def _name(schema: Any) -> str:
    return schema.decode() if isinstance(schema, bytes) else str(schema)
