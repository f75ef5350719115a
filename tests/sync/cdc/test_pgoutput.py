"""What PostgreSQL writes is read as it was meant; what it cannot have written is refused."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory_core.sync.cdc import pgoutput
from inventory_core.sync.cdc.pgoutput import (
    UNCHANGED,
    Begin,
    Commit,
    Decoder,
    Delete,
    Insert,
    Message,
    Relation,
    Skipped,
    Truncate,
    Unreadable,
    Update,
)
from tests.sync.cdc.encoding import encoded

LSN = st.integers(0, 2**64 - 1)
MOMENT = st.integers(0, 2**52)
WORD = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@st.composite
def relations(draw: Any) -> Relation:
    columns = draw(st.lists(WORD, min_size=1, max_size=5))
    keys = draw(st.lists(st.booleans(), min_size=len(columns), max_size=len(columns)))
    identity = draw(st.sampled_from("dfin"))
    number = draw(st.integers(0, 2**32 - 1))
    return Relation(number, draw(WORD), draw(WORD), identity, tuple(columns), tuple(keys))


@st.composite
def conversations(draw: Any) -> list[Message]:
    """A relation, then messages that speak of it."""
    relation = draw(relations())
    width = len(relation.columns)
    value = st.one_of(TEXT, st.none(), st.just(UNCHANGED))
    row = st.lists(value, min_size=width, max_size=width).map(tuple)
    message = st.one_of(
        st.builds(Begin, LSN, MOMENT, st.integers(0, 2**32 - 1)),
        st.builds(Commit, LSN, LSN, MOMENT),
        st.builds(Insert, st.just(relation), row),
        st.builds(Update, st.just(relation), st.none() | row, row),
        st.builds(Delete, st.just(relation), row),
        st.just(Truncate((relation, relation))),
    )
    return [relation, *draw(st.lists(message, max_size=6))]


@given(conversations())
def test_every_message_is_read_as_it_was_written(messages: list[Message]) -> None:
    decoder = Decoder()
    assert [decoder.decode(encoded(each)) for each in messages] == messages


@given(conversations(), st.data())
def test_a_message_that_breaks_off_is_unreadable_and_never_misread(
    messages: list[Message], data: Any
) -> None:
    decoder = Decoder()
    decoder.decode(encoded(messages[0]))
    whole = encoded(messages[-1])
    with pytest.raises(Unreadable):
        decoder.decode(whole[: data.draw(st.integers(0, len(whole) - 1))])


@given(st.binary(max_size=60))
def test_garbage_is_read_or_refused_and_nothing_else(garbage: bytes) -> None:
    with suppress(Unreadable):
        assert isinstance(Decoder().decode(garbage), tuple)


def test_a_row_of_a_table_that_was_never_described_is_unreadable() -> None:
    relation = Relation(7, "shop", "cell", "d", ("sku",), (True,))
    with pytest.raises(Unreadable, match="relation 7 was never described"):
        Decoder().decode(encoded(Insert(relation, ("tea",))))


def test_types_origins_and_messages_are_passed_over() -> None:
    kinds = [Decoder().decode(letter + b"\0" * 9) for letter in (b"Y", b"O", b"M")]
    assert kinds == [Skipped("type"), Skipped("origin"), Skipped("message")]


def test_a_moment_is_counted_from_1970() -> None:
    begin = Decoder().decode(b"B" + bytes(8) + bytes(8) + bytes(4))
    assert begin == Begin(0, pgoutput.EPOCH_US, 0)
