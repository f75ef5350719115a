"""The statements as text: one for every step, parameters as declared, always by the index."""

import inspect
from typing import Any

import psycopg
import pytest

from inventory_core.domain import Cell, HoldState, Limits, Line, Opening
from inventory_core.steps import Step, sql
from inventory_core.stores.sql import PostgresqlStore
from inventory_core.stores.sql.encoding import columns, numbers, word, words
from inventory_core.stores.sql.statement import WORD, Fields
from inventory_core.stores.sql.statements import statements
from inventory_core.stores.sql.tables import tables_of
from tests.stores.sql.clients import A, B, order

ONE = order("1", (A, 1), (B, 2))
CELL = {"cell": A, "quantity": 1, "sellable": 1, "version": 1, "cells": (A, B)}
HOLD = {"order": ONE, "order_number": "1", "state": HoldState.PAID, "generation": 2, "limit": 1}
TASK = {"changes": ((A, 1),), "task_id": 1, "key": "k", "delta": 1, "reason": ""}
GROUP = {"orders": (ONE,), "name": "a name"}
VALUES: dict[str, Any] = CELL | HOLD | TASK | GROUP
VALUES |= {"refused": Line(B, 2), "openings": (Opening(A, 1),)}
BOUNDARIES = {sql.Begin, sql.Commit, sql.Rollback}


def sql_steps() -> set[type[Step[Any]]]:
    """Every step of the module."""
    found = {one for _, one in inspect.getmembers(sql, inspect.isclass) if issubclass(one, Step)}
    return found - {Step}


def example(kind: type[Step[Any]]) -> Step[Any]:
    """A step of that kind, with any values."""
    if kind is sql.BookOrders:
        return sql.BookOrders(ONE.takes, frozenset({ONE.number}))
    return kind(**{name: VALUES[name] for name in inspect.signature(kind).parameters})


def test_every_step_has_a_statement_of_its_name() -> None:
    made = statements("shop")
    assert set(made) == sql_steps() - BOUNDARIES
    assert all(one.name.decode() == step.__name__ for step, one in made.items())


@pytest.mark.parametrize("kind", sorted(sql_steps() - BOUNDARIES, key=lambda kind: kind.__name__))
def test_a_step_fills_every_parameter_of_its_statement(kind: type[Step[Any]]) -> None:
    one = statements("shop")[kind]
    parameters = one.encode(example(kind))
    assert len(parameters) == len(one.types)
    used = {n for n in range(1, 20) if f"${n}" in one.sql.decode()}
    assert used == set(range(1, len(parameters) + 1))


def test_a_field_that_the_statement_does_not_use_is_a_bug() -> None:
    fields = Fields(sku=WORD, place=WORD)
    clause = tables_of("shop").cell.select().where(tables_of("shop").cell.c.sku == fields["sku"])
    with pytest.raises(AssertionError, match=r"ReadCell uses \['sku'\] of \['sku', 'place'\]"):
        fields.statement(sql.ReadCell, clause, lambda _: (), lambda _: None)


@pytest.mark.live
@pytest.mark.parametrize("kind", sorted(sql_steps() - BOUNDARIES, key=lambda kind: kind.__name__))
def test_no_statement_reads_a_whole_table(store: PostgresqlStore, kind: type[Step[Any]]) -> None:
    part = store.connect(Limits())
    command = statements(store.schema)[kind]
    literals = ", ".join(
        "NULL" if value is None else f"'{value.decode()}'"
        for value in command.encode(example(kind))
    )
    name = kind.__name__
    part._connection.execute(f'PREPARE "{name} plan" AS {command.sql.decode()}'.encode())
    plan = part._connection.execute(f'EXPLAIN EXECUTE "{name} plan"({literals})'.encode())
    text = "\n".join(row[0] for row in plan)
    part.close()
    assert "Seq Scan" not in text or kind is sql.TakeOfAll, text  # which asks for every row


def test_an_array_says_what_was_in_the_list() -> None:
    assert words([]) == b"{}"
    assert words([""]) == b'{""}'
    assert words(["a", 'b"', "c\\"]) == b'{"a","b\\"","c\\\\"}'
    assert numbers([1, -2]) == b"{1,-2}"
    assert columns([Line(Cell("a", "p"), 3)]) == (b'{"a"}', b'{"p"}', b"{3}")


@pytest.mark.live
@pytest.mark.parametrize("values", [[], [""], ["", ""], ['"', "\\", ","], ["NULL", "{}", " a "]])
def test_the_server_reads_an_array_as_it_was_meant(postgresql_url: str, values: list[str]) -> None:
    with psycopg.connect(postgresql_url) as connection:
        row = connection.execute("SELECT %s::text[]", [words(values).decode()]).fetchone()
    assert row == (values,)


@pytest.mark.parametrize("encode", [word, lambda text: words([text])])
def test_a_zero_byte_is_never_cut_off_in_silence(encode: Any) -> None:
    with pytest.raises(AssertionError, match="zero byte"):
        encode("a\0b")
