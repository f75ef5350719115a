"""A snapshot and then the log, without a gap; a source that cannot be captured says why."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from inventory_core.problems import Problem
from inventory_core.sync.cdc import postgresql_setup
from inventory_core.sync.cdc.change import Operation
from inventory_core.sync.cdc.postgresql_capture import PostgresqlCapture, judged
from inventory_core.sync.cdc.postgresql_setup import Names, Slot
from inventory_core.sync.cdc.rules import rules_of
from tests.sync.cdc.shop import WARN_BYTES, Shop, read_all

pytestmark = [pytest.mark.live, pytest.mark.slow]


def began(shop: Shop, **more: object) -> PostgresqlCapture:
    """A capture whose snapshot has been read."""
    capture = shop.capture(shop.rules(**more))
    assert sum(len(each) for each in capture.snapshot()) == len(shop.cells())
    capture.stream("")
    return capture


def test_what_is_committed_during_the_snapshot_comes_after_it_and_once(shop: Shop) -> None:
    capture = shop.capture()
    snapshot: Iterator[list[object]] = iter(capture.snapshot())  # type: ignore[arg-type]
    first = next(snapshot)  # the slot is there, and the rows are being read
    shop.sell("tea")
    assert [len(first), list(snapshot)] == [2, []]
    capture.stream("")
    (change,) = read_all(capture)
    assert (change.key, change.columns["sellable"]) == (("tea", "mall"), "9")


def test_changes_come_in_the_order_of_the_log(shop: Shop) -> None:
    capture = began(shop)
    shop.sell("tea")
    shop.run(f"DELETE FROM {shop.table} WHERE sku = 'tea'")
    shop.run(f"INSERT INTO {shop.table} VALUES ('tea', 'mall', 3, 0)")
    changes = read_all(capture)
    assert [each.operation for each in changes] == [Operation.PUT, Operation.GONE, Operation.PUT]
    positions = [each.position for each in changes]
    assert positions == sorted(set(positions))
    assert {each.key for each in changes} == {("tea", "mall")}


def test_a_row_whose_key_changes_is_gone_from_where_it_was(shop: Shop) -> None:
    capture = began(shop)
    shop.run(f"UPDATE {shop.table} SET sku = 'mug' WHERE sku = 'cup'")
    told = [(each.operation, each.key[0]) for each in read_all(capture)]
    assert told == [(Operation.GONE, "cup"), (Operation.PUT, "mug")]


def test_an_emptied_table_is_told(shop: Shop) -> None:
    capture = began(shop)
    shop.run(f"TRUNCATE {shop.table}")
    assert [each.operation for each in read_all(capture)] == [Operation.EMPTIED]


def test_what_was_not_acknowledged_is_told_again_at_the_same_places(shop: Shop) -> None:
    capture = began(shop)
    shop.sell()
    shop.sell("cup")
    before = read_all(capture)
    capture.close()
    with closing(shop.capture()) as again:
        again.stream("")
        assert read_all(again) == before


def test_what_was_acknowledged_is_not_told_again(shop: Shop) -> None:
    capture = began(shop)
    shop.sell()
    captured = capture.read(10, 2.0)
    while not captured.through:
        captured = capture.read(10, 2.0)
    capture.acknowledge(captured.through)
    capture.close()
    shop.sell("cup")
    with closing(shop.capture()) as again:
        again.stream("")
        assert [each.key[0] for each in read_all(again)] == ["cup"]


def test_a_large_transaction_comes_in_batches(shop: Shop) -> None:
    capture = began(shop)
    shop.run(
        f"INSERT INTO {shop.table} SELECT 'sku' || n, 'mall', n, 0 FROM generate_series(1, 500) n"
    )
    batches = [capture.read(100, 2.0) for _ in range(3)]
    assert all(0 < len(each.changes) <= 100 and not each.through for each in batches)
    assert len(read_all(capture)) == 500 - sum(len(each.changes) for each in batches)


def test_a_new_column_is_no_matter(shop: Shop) -> None:
    capture = began(shop)
    shop.run(f"ALTER TABLE {shop.table} ADD COLUMN colour text DEFAULT 'red'")
    shop.sell()
    (change,) = read_all(capture)
    assert change.columns["colour"] == "red"


@pytest.mark.parametrize(
    "alteration, complaint",
    [
        ("ALTER TABLE {} RENAME COLUMN sellable TO units", "no column 'sellable'"),
        ("ALTER TABLE {} DROP CONSTRAINT cell_pkey", "does not tell column 'place'"),
    ],
)
def test_a_table_that_no_longer_suits_its_rule_is_refused_and_nothing_is_lost(
    shop: Shop, alteration: str, complaint: str
) -> None:
    capture = began(shop)
    shop.run(alteration.format(shop.table))
    shop.run(f"INSERT INTO {shop.table} VALUES ('pot', 'mall', 1, 0)")
    with pytest.raises(Problem, match=complaint):
        read_all(capture)


def test_a_table_without_a_primary_key_is_refused(shop: Shop) -> None:
    shop.run(f"ALTER TABLE {shop.table} DROP CONSTRAINT cell_pkey")
    with pytest.raises(Problem, match="has no primary key"):
        shop.capture()


def test_a_table_that_is_not_there_is_refused(shop: Shop) -> None:
    shop.run(f"DROP TABLE {shop.table}")
    with pytest.raises(Problem, match="there is no table"):
        shop.capture()


def test_a_log_that_cannot_be_read_is_explained(postgresql_url: str) -> None:
    rules = rules_of([{"name": "shop.cell"}])
    with (
        closing(postgresql_setup.opened(postgresql_url)) as connection,
        pytest.raises(Problem, match="set wal_level = logical"),
    ):
        postgresql_setup.prepare(connection, postgresql_url, Names.of("unready"), rules)


def test_a_slot_that_keeps_too_much_is_warned_of(shop: Shop) -> None:
    capture = shop.capture(warn_bytes=1)
    list(capture.snapshot())
    shop.run(
        f"INSERT INTO {shop.table} SELECT 'sku' || n, 'mall', n, 0 FROM generate_series(1, 500) n"
    )
    kept = capture.retained()
    assert kept is not None
    assert kept.retained_bytes > 1
    assert f"slot stockproof_{shop.name} makes the server keep" in kept.warning


def test_the_warning_comes_at_half_of_what_the_server_allows() -> None:
    slot = Slot(True, "extended", retained_bytes=60, behind_bytes=60, room_bytes=40)
    assert "its reader is behind" in judged(slot, "s", WARN_BYTES).warning
    assert not judged(slot._replace(retained_bytes=40, room_bytes=60), "s", WARN_BYTES).warning
    assert "is lost" in judged(slot._replace(status="lost"), "s", WARN_BYTES).warning
