"""What leaves the source is what the rules say; a rule that cannot be meant is refused by name."""

from __future__ import annotations

from typing import Any

import pytest

from inventory_core.problems import Problem
from inventory_core.sync.cdc.change import Change, Operation, Position
from inventory_core.sync.cdc.rules import Rules, rules_of

TEA = {"sku": "tea", "place": "mall", "sellable": "7", "version": "3", "note": "green"}


def change(operation: Operation = Operation.PUT, **columns: str | None) -> Change:
    return Change("shop.cell", operation, ("tea", "mall"), {**TEA, **columns}, Position(9, 1), 5)


def rules(**more: Any) -> Rules:
    return rules_of([{"name": "shop.cell", **more}])


def test_columns_are_renamed_and_the_others_stay_at_home() -> None:
    (told,) = rules().applied([change()])
    assert told.columns == {"sku": "tea", "place": "mall", "units": "7", "version": "3"}
    assert (told.key, told.position, told.operation) == (("tea", "mall"), (9, 1), Operation.PUT)


def test_a_constant_stands_for_a_column_that_the_table_has_not() -> None:
    columns = {"sku": "sku", "place": "place"}
    (told,) = rules(columns=columns, constants={"units": 1}).applied([change()])
    assert told.columns == {"sku": "tea", "place": "mall", "units": "1"}


@pytest.mark.parametrize(
    "where, passes",
    [
        ({"column": "place", "is": "mall"}, True),
        ({"column": "place", "is": "stores"}, False),
        ({"column": "place", "is_not": "stores"}, True),
        ({"column": "place", "is_in": ["mall", "stores"]}, True),
        ({"column": "place", "is_in": ["stores"]}, False),
        ({"column": "sellable", "at_least": 7}, True),
        ({"column": "sellable", "at_least": 8}, False),
        ({"column": "sellable", "at_most": 10}, True),
    ],
)
def test_a_row_that_the_rules_do_not_ask_for_is_gone_to_the_product(
    where: dict[str, Any], passes: bool
) -> None:
    (told,) = rules(where=[where]).applied([change()])
    assert told.operation is (Operation.PUT if passes else Operation.GONE)


def test_nothing_is_only_what_a_value_is_not() -> None:
    empty = change(note=None)
    (told,) = rules(where=[{"column": "note", "is_not": "x"}]).applied([empty])
    assert told.operation is Operation.PUT
    (told,) = rules(where=[{"column": "note", "is": "x"}]).applied([empty])
    assert told.operation is Operation.GONE


def test_a_row_that_is_gone_needs_no_condition() -> None:
    gone = change(Operation.GONE)._replace(columns={})
    assert rules(where=[{"column": "place", "is": "x"}]).applied([gone]) == [gone]


@pytest.mark.parametrize(
    "said, complaint",
    [
        ({"name": "cell"}, "named with its schema"),
        ({"name": "shop.cell", "colour": 1}, "a rule has no 'colour'"),
        ({"name": "shop.cell", "columns": {"sku": "sku"}}, "gives the product no place"),
        (
            {"name": "shop.cell", "columns": {"a": "sku", "b": "place", "c": "units", "d": "x"}},
            "gives the product x",
        ),
        ({"name": "shop.cell", "where": [{"column": "a", "like": "b"}]}, "names a column and one"),
        ({"name": "shop.cell", "where": [{"column": "a", "at_least": "b"}]}, "whole number"),
        ({"name": "shop.cell", "key": "sku"}, "list of texts"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused_by_name(
    said: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(Problem, match=complaint):
        rules_of([said])


def test_a_column_that_the_table_has_not_is_refused_by_name() -> None:
    with pytest.raises(Problem, match="no column 'sellable', which a rule names"):
        rules().by_table["shop.cell"].check(["sku", "place", "version"])


def test_a_number_is_wanted_where_numbers_are_compared() -> None:
    with pytest.raises(Problem, match="met 'green'"):
        rules(where=[{"column": "note", "at_least": 1}]).applied([change()])
