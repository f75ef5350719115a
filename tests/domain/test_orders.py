"""Orders: what a buyer asks for, added up, and told apart from another body."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory_core.domain import Cell, Line, Opening, Order, add_up

CELLS = st.builds(Cell, st.text("ab @", min_size=1, max_size=3), st.sampled_from(["web", "shop"]))
LINES = st.lists(st.builds(Line, CELLS, st.integers(1, 9)), min_size=1, max_size=8)


def test_the_same_sku_twice_is_added_up_and_the_lines_are_kept() -> None:
    order = Order("1", (Line(Cell("b"), 1), Line(Cell("a"), 2), Line(Cell("b"), 3)))
    assert order.takes == (Line(Cell("a"), 2), Line(Cell("b"), 4))
    assert len(order.lines) == 3


@given(LINES)
def test_adding_up_keeps_every_unit_and_sorts_by_cell(lines: list[Line]) -> None:
    takes = add_up(lines)
    assert sum(take.quantity for take in takes) == sum(line.quantity for line in lines)
    assert [take.cell for take in takes] == sorted({line.cell for line in lines})


@given(LINES, st.randoms())
def test_the_order_of_the_lines_does_not_change_the_body(lines: list[Line], random: object) -> None:
    shuffled = list(lines)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert Order("1", tuple(lines)).fingerprint == Order("1", tuple(shuffled)).fingerprint


def test_another_quantity_buyer_or_place_is_another_body() -> None:
    one = Order("1", (Line(Cell("a"), 1),), buyer="ann")
    others = (
        Order("1", (Line(Cell("a"), 2),), buyer="ann"),
        Order("1", (Line(Cell("a"), 1),), buyer="bob"),
        Order("1", (Line(Cell("a", "shop"), 1),), buyer="ann"),
        Order("1", (Line(Cell("a"), 1), Line(Cell("a"), 1)), buyer="ann"),
    )
    assert one.fingerprint not in {other.fingerprint for other in others}


def test_nonsense_is_refused_with_what_to_say_instead() -> None:
    with pytest.raises(ValueError, match="say 1 or more"):
        Line(Cell("a"), 0)
    with pytest.raises(ValueError, match="at least one"):
        Order("1", ())
    with pytest.raises(ValueError, match="say 0 or more"):
        Opening(Cell("a"), -1)


@pytest.mark.parametrize("text", ["a\0b", "a\nb", "\x7f"])
def test_names_without_control_characters_alone_reach_the_stores(text: str) -> None:
    with pytest.raises(ValueError, match="control character"):
        Cell(text)
    with pytest.raises(ValueError, match="control character"):
        Order(text, (Line(Cell("a"), 1),))
    with pytest.raises(ValueError, match="parts it from the SKU"):
        Cell("a", "b@c")
