"""What a MariaDB must have before it can be captured: checked, and explained when it is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from struct import error as struct_error
from typing import Any

import pymysql

from inventory_core.problems import Problem
from inventory_core.stores.mariadb.address import connect
from inventory_core.stores.sql.address import masked
from inventory_core.sync.cdc.errors import SourceLost
from inventory_core.sync.cdc.rules import Rules

WANTED = {
    "log_bin": ("ON", "log_bin = binlog in the server's file and a restart"),
    "binlog_format": ("ROW", "SET GLOBAL binlog_format = ROW"),
    "binlog_row_image": ("FULL", "SET GLOBAL binlog_row_image = FULL"),
    "binlog_row_metadata": ("FULL", "SET GLOBAL binlog_row_metadata = FULL"),
}
"""Settings that a binlog needs for us, and how each is made."""

PASSING = (1040, 1053, 1159, 1161, 2002, 2003, 2006, 2013)
"""Errors of a server that is busy, starting or gone."""

PURGED = 1236
_COLUMNS = """
    SELECT column_name, column_key FROM information_schema.columns
    WHERE table_schema = %s AND table_name = %s ORDER BY ordinal_position
"""


def opened(url: str) -> Any:
    """An ordinary connection; a server that is not there now is `SourceLost`."""
    try:
        return connect(url)
    except Problem as problem:
        if any(word in str(problem) for word in ("Can't connect", "Lost connection", "Too many")):
            raise SourceLost(str(problem)) from None
        raise


@contextmanager
def lost(url: str) -> Iterator[None]:
    """A connection that breaks is `SourceLost`; a log that is not there any more is a problem."""
    try:
        yield
    except (pymysql.MySQLError, OSError, struct_error) as error:
        number = error.args[0] if error.args else 0
        if number == PURGED:
            raise Problem(
                f"{masked(url)} has not the part of its binlog any more that comes next"
                f" ({error.args[-1]}): take a new snapshot with stockproof cdc replay --snapshot"
            ) from None
        if isinstance(error, pymysql.MySQLError) and number not in (*PASSING, 0):
            raise Problem(f"{masked(url)} refuses: {error.args[-1]}") from None
        raise SourceLost(str(error)) from error


def check(connection: Any, url: str) -> None:
    """Refuse a server whose binlog does not say enough, with what to set."""
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW GLOBAL VARIABLES WHERE Variable_name IN ({_listed(WANTED)})")
        there = dict(cursor.fetchall())
    for name, (value, remedy) in WANTED.items():
        if there.get(name, "").upper() != value:
            raise Problem(
                f"{masked(url)} has {name} = {there.get(name, 'nothing')}, and its changes cannot"
                f" be read from that log: {remedy}"
            )


def keys_of(connection: Any, rules: Rules) -> Mapping[str, tuple[str, ...]]:
    """By which columns each watched table tells its rows apart; `Problem` if it cannot."""
    keys = {}
    for table, rule in rules.by_table.items():
        with connection.cursor() as cursor:
            cursor.execute(_COLUMNS, table.split("."))
            columns = dict(cursor.fetchall())
        if not columns:
            raise Problem(f"there is no table {table} in the source: correct the rules")
        rule.check(columns)
        key = rule.key or tuple(name for name, kind in columns.items() if kind == "PRI")
        if not key:
            raise Problem(
                f"table {table} has no primary key, so its rows cannot be told apart: name one in"
                ' its rule, like key = ["id"]'
            )
        keys[table] = key
    return keys


def _listed(names: Mapping[str, object]) -> str:
    return ", ".join(f"'{name}'" for name in names)
