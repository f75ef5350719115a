"""Which tables, rows and columns leave the source, and under which names.

    [[table]]
    name = "stockproof.cell"
    columns = { sku = "sku", place = "place", sellable = "units", version = "version" }
    constants = { }
    where = [ { column = "place", is_in = ["mall", "stores"] } ]

`columns` names a column of the source and what the product calls it. A row that ceases to be what
`where` asks for is gone to the product. What a rule names and the table has not is refused by name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from inventory_core.problems import Problem
from inventory_core.sync.cdc.change import Change, Columns, Operation

CELL_COLUMNS = {"sku": "sku", "place": "place", "sellable": "units", "version": "version"}
"""What a table is taken to be of which nothing is said: a table of cells."""

NEEDED = ("sku", "place", "units")
"""What the product system wants to know of every row."""

MAY = ("sku", "place", "units", "version")
TESTS = ("is", "is_not", "is_in", "at_least", "at_most")
KEYS = ("name", "key", "columns", "constants", "where")


@dataclass(frozen=True, slots=True)
class Predicate:
    """One thing that a row must be. `at_least` and `at_most` compare whole numbers."""

    column: str
    test: str
    value: str | int | tuple[str, ...]

    def holds(self, columns: Columns) -> bool:
        """Is this row so? A missing value is never so, but with `is_not`."""
        there = columns.get(self.column)
        if self.test == "is_not":
            return there != self.value
        if there is None:
            return False
        if self.test == "is":
            return there == self.value
        if self.test == "is_in":
            return there in self.value  # type: ignore[operator]
        return self._compares(there)

    def _compares(self, there: str) -> bool:
        assert isinstance(self.value, int)
        try:
            number = int(there)
        except ValueError:
            raise Problem(
                f"the rule {self.test} = {self.value} of column {self.column} met {there!r}, which"
                " is no whole number: take another column"
            ) from None
        return number >= self.value if self.test == "at_least" else number <= self.value


@dataclass(frozen=True, slots=True)
class Rule:
    """What leaves the source of one table; `key` if it is not the table's own primary key."""

    table: str
    key: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=lambda: dict(CELL_COLUMNS))
    constants: Mapping[str, str] = field(default_factory=dict)
    where: tuple[Predicate, ...] = ()

    def __post_init__(self) -> None:
        told = [*self.columns.values(), *self.constants]
        for name in NEEDED:
            if name not in told:
                raise Problem(
                    f"the rule for table {self.table} gives the product no {name}: name the column"
                    f' that it comes from, like columns = {{ my_column = "{name}" }}'
                )
        for name in told:
            if name not in MAY or told.count(name) > 1:
                said = "twice" if name in MAY else f"and the product knows {', '.join(MAY)}"
                raise Problem(f"the rule for table {self.table} gives the product {name}, {said}")

    @property
    def wanted(self) -> frozenset[str]:
        """Every column of the source that this rule looks at."""
        return frozenset([*self.columns, *self.key, *(each.column for each in self.where)])

    def check(self, columns: Collection[str]) -> None:
        """Refuse a table that has not what this rule names: from the first, or since a change."""
        missing = sorted(self.wanted - set(columns))
        if missing:
            raise Problem(
                f"table {self.table} has no column {missing[0]!r}, which a rule names: correct the"
                f" rule (the table has {', '.join(columns)}); nothing is lost until then"
            )

    def applied(self, change: Change) -> Change:
        """What the product is told of a change of this table."""
        if change.operation is not Operation.PUT:
            return change._replace(columns={})
        table, operation, key, columns, position, at_us = change
        if self.where and not all(each.holds(columns) for each in self.where):
            return change._replace(operation=Operation.GONE, columns={})
        told = {target: columns[source] for source, target in self.columns.items()}
        if self.constants:
            told.update(self.constants)
        return Change(table, operation, key, told, position, at_us)


class Rules:
    """The rules of every watched table."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.by_table = {rule.table: rule for rule in rules}
        if not rules:
            raise Problem("no table is named: say which with [[table]] in the file, or --table")
        if len(self.by_table) < len(rules):
            raise Problem("a table is named twice in the rules: make one rule of the two")

    @property
    def fingerprint(self) -> str:
        """Tells whether other rules are the same."""
        said = repr(sorted(self.by_table.items()))
        return hashlib.sha256(said.encode()).hexdigest()

    @property
    def tables(self) -> tuple[str, ...]:
        """The watched tables, in the order of their names."""
        return tuple(sorted(self.by_table))

    def applied(self, changes: Sequence[Change]) -> list[Change]:
        """What the product is told; markers pass as they are."""
        rules = self.by_table
        return [rules[each.table].applied(each) if each.table else each for each in changes]


def rules_of(tables: Any) -> Rules:
    """The rules as a TOML file says them."""
    if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
        raise Problem("tables are named one by one, each under a line [[table]]")
    return Rules([_rule(table) for table in tables])


def _rule(said: Mapping[str, Any]) -> Rule:
    name = said.get("name")
    if not isinstance(name, str) or name.count(".") != 1:
        raise Problem(f'a table is named with its schema, like name = "shop.cell"; not {name!r}')
    unknown = sorted(set(said) - set(KEYS))
    if unknown:
        raise Problem(f"a rule has no {unknown[0]!r}: it may have {', '.join(KEYS)}")
    where = said.get("where", [])
    if not isinstance(where, list):
        raise Problem(f"where of table {name} is a list, like [ {{ column = ..., is = ... }} ]")
    return Rule(
        name,
        _words(name, "key", said.get("key", [])),
        _names(name, "columns", said.get("columns", CELL_COLUMNS)),
        _names(name, "constants", said.get("constants", {})),
        tuple(_predicate(name, each) for each in where),
    )


def _words(table: str, what: str, said: Any) -> tuple[str, ...]:
    if not isinstance(said, list) or not all(isinstance(each, str) for each in said):
        raise Problem(f'{what} of table {table} is a list of texts, like ["sku", "place"]')
    return tuple(said)


def _names(table: str, what: str, said: Any) -> Mapping[str, str]:
    if not isinstance(said, dict) or not all(
        isinstance(each, str | int) and not isinstance(each, bool) for each in said.values()
    ):
        raise Problem(f'{what} of table {table} is a table of texts, like {{ sellable = "units" }}')
    return {name: str(value) for name, value in said.items()}


def _predicate(table: str, said: Any) -> Predicate:
    tests = sorted(set(said) - {"column"}) if isinstance(said, dict) else []
    if len(tests) != 1 or tests[0] not in TESTS or not isinstance(said.get("column"), str):
        raise Problem(
            f"a condition of table {table} names a column and one of {', '.join(TESTS)},"
            f' like {{ column = "place", is = "mall" }}; not {said!r}'
        )
    test, value = tests[0], said[tests[0]]
    if test == "is_in":
        return Predicate(said["column"], test, _words(table, test, value))
    if test in ("at_least", "at_most"):
        if not isinstance(value, int) or isinstance(value, bool):
            raise Problem(f"{test} of table {table} is a whole number, not {value!r}")
        return Predicate(said["column"], test, value)
    return Predicate(said["column"], test, str(value))
