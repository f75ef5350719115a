"""However often and in whichever order changes come, the product ends where the source is."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from product_system.shelf import UPSERT, Shelf
from workbench.cdc_audit import audited

TABLE = "shop.part"
Story = list[list[Any]]


def message(*changes: Any, epoch: int = 1) -> bytes:
    return json.dumps(
        {"format": 1, "source": "s", "epoch": epoch, "changes": list(changes)}
    ).encode()


def put(log: int, key: str, units: Any, sku: str = "tea", **more: Any) -> list[Any]:
    columns = {"sku": sku, "place": "mall", "units": str(units), "version": str(log), **more}
    return [TABLE, "put", [key], [log, 0], 10 * log, columns]


def gone(log: int, key: str) -> list[Any]:
    return [TABLE, "gone", [key], [log, 0], 10 * log, {}]


BEGUN = ["", "begun", [], [0, 0], 0, {}]
COMPLETE = ["", "complete", [], [0, 0], 0, {}]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    there = Shelf(tmp_path / "product.db", audited=True)
    there.apply([message(BEGUN, COMPLETE)])
    return there


def total(shelf: Shelf, sku: str = "tea") -> int:
    return sum(each.total for each in shelf.stock(sku))


def test_a_total_is_the_sum_of_its_rows_and_each_row_has_a_version_of_its_own(
    shelf: Shelf,
) -> None:
    shelf.apply([message(put(5, "a", 3), put(2, "b", 4))])
    shelf.apply([message(put(4, "a", 9), put(3, "b", 5))])  # older for a, newer for b
    assert total(shelf) == 3 + 5


def test_what_is_told_again_counts_once(shelf: Shelf) -> None:
    told = message(put(1, "a", 3), put(2, "a", 4), gone(3, "b"))
    first, again = shelf.apply([told]), shelf.apply([told])
    assert (first.applied, again.applied, again.stale, total(shelf)) == (3, 0, 3, 4)


def test_a_row_that_is_gone_does_not_come_back_with_an_older_change(shelf: Shelf) -> None:
    shelf.apply([message(put(1, "a", 3)), message(gone(5, "a")), message(put(4, "a", 9))])
    assert total(shelf) == 0
    shelf.apply([message(put(6, "a", 2))])
    assert total(shelf) == 2


def test_a_row_that_changes_its_cell_takes_its_units_along(shelf: Shelf) -> None:
    shelf.apply([message(put(1, "a", 3)), message(put(2, "a", 5, sku="cup"))])
    assert (total(shelf, "tea"), total(shelf, "cup")) == (0, 5)


def test_an_emptied_table_is_empty_whatever_comes_late(shelf: Shelf) -> None:
    emptied = [TABLE, "emptied", [], [5, 0], 50, {}]
    late = message(put(1, "a", 3), put(2, "b", 4))
    shelf.apply([late, message(emptied), late, message(put(6, "c", 2))])
    assert total(shelf) == 2


def test_what_a_new_snapshot_does_not_name_is_gone(shelf: Shelf) -> None:
    shelf.apply([message(put(1, "a", 3), put(2, "b", 4))])
    told = [message(BEGUN, put(0, "b", 6), epoch=2), message(COMPLETE, epoch=2)]
    shelf.apply(told)
    assert total(shelf) == 6
    shelf.apply([*told, message(put(9, "a", 3), epoch=1)])  # again, and from before
    assert total(shelf) == 6


def test_changes_whose_snapshot_was_missed_are_not_applied(tmp_path: Path) -> None:
    fresh = Shelf(tmp_path / "fresh.db")
    done = fresh.apply([message(put(7, "a", 3))])
    assert (done.without_snapshot, fresh.stock("tea")) == (True, [])


KEYS = st.sampled_from("abc")


@st.composite
def stories(draw: Any) -> Story:
    """Changes of three rows, in the order of the log."""
    steps = draw(st.lists(st.tuples(KEYS, st.none() | st.integers(0, 9)), max_size=12))
    return [
        gone(log, key) if units is None else put(log, key, units, sku=f"sku-{log % 2}")
        for log, (key, units) in enumerate(steps, 1)
    ]


def delivered(story: Story, dice: random.Random) -> list[bytes]:
    """Each at least once, some more often, in any order and any parcels."""
    changes = story + [dice.choice(story) for _ in range(len(story))] if story else []
    dice.shuffle(changes)
    parcels = []
    while changes:
        size = dice.randint(1, 4)
        parcels.append(message(*changes[:size]))
        changes = changes[size:]
    return parcels


def held(shelf: Shelf) -> dict[tuple[str, str], int]:
    rows = shelf._connection.execute("SELECT sku, place, total FROM product_stock WHERE total <> 0")
    return {(sku, place): units for sku, place, units in rows}


@pytest.mark.slow
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(stories(), st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_end_in_the_same_totals(
    tmp_path_factory: pytest.TempPathFactory, story: Story, dice: random.Random
) -> None:
    folder = tmp_path_factory.mktemp("orders")
    straight, crooked = (Shelf(folder / f"{name}.db", audited=True) for name in ("s", "c"))
    for each in (straight, crooked):
        each.apply([message(BEGUN)])
    straight.apply([message(each) for each in story])
    crooked.apply(delivered(story, dice))
    assert held(straight) == held(crooked)
    found = audited(folder / "c.db", [])
    assert (found.applied_twice, found.older_over_newer, found.wrong_totals) == (0, 0, 0)
    for each in (straight, crooked):
        each.close()


class Unguarded(Shelf):
    """A planted bug: takes whatever comes last for the newest."""

    upsert = UPSERT.partition("WHERE")[0]


class Adding(Shelf):
    """A planted bug: adds what each message says to the total, however often it is told."""

    def apply(self, bodies: Any, tries: int = 1) -> Any:
        done = super().apply(bodies, tries)
        for body in bodies:
            for _, operation, _, _, _, columns in json.loads(body)["changes"]:
                if operation == "put" and done.stale:
                    self._connection.execute(
                        "UPDATE product_stock SET total = total + ? WHERE sku = ?",
                        [columns["units"], columns["sku"]],
                    )
        return done


def audit_of(kind: type[Shelf], folder: Path, *bodies: bytes) -> Any:
    planted = kind(folder / "planted.db", audited=True)
    planted.apply([message(BEGUN)])
    for body in bodies:
        planted.apply([body])
    planted.close()
    return audited(folder / "planted.db", [])


def test_a_consumer_without_the_guard_of_versions_is_caught(tmp_path: Path) -> None:
    old, new = message(put(1, "a", 3)), message(put(2, "a", 4))
    found = audit_of(Unguarded, tmp_path, old, new, old)
    assert found.older_over_newer > 0
    assert not found.holds


def test_a_consumer_that_applies_twice_is_caught(tmp_path: Path) -> None:
    told = message(put(1, "a", 3))
    found = audit_of(Unguarded, tmp_path, told, told)
    assert found.applied_twice == 1


def test_a_consumer_whose_totals_are_not_idempotent_is_caught(tmp_path: Path) -> None:
    told = message(put(1, "a", 3))
    assert audit_of(Adding, tmp_path / "once", told).wrong_totals == 0
    assert audit_of(Adding, tmp_path / "twice", told, told).wrong_totals == 1


@pytest.mark.parametrize(
    "body, reason",
    [
        (b"nonsense", "no message"),
        (b'{"format": 9, "source": "s", "epoch": 1, "changes": []}', "format 9"),
        (message(put(1, "a", "many")), "units is 'many'"),
        (message(put(1, "a", -1)), "less than nothing"),
        (message(put(1, "a", 3, sku=None)), "CHECK constraint"),  # type: ignore[arg-type]
        (message(put(1, "a", 3, sku={})), "type 'dict'"),  # type: ignore[arg-type]
        (message([TABLE, "melted", ["a"], [1, 0], 1, {}]), "'melted'"),
        (message("what"), "no change|too many|not enough|nothing is known"),
    ],
)
def test_what_cannot_be_applied_is_set_aside_and_holds_nobody_up(
    shelf: Shelf, body: bytes, reason: str
) -> None:
    done = shelf.apply([body, message(put(2, "b", 4))], tries=3)
    (letter,) = shelf.dead_letters()
    assert (done.dead, total(shelf)) == (1, 4)
    assert re.search(reason, letter.reason), letter.reason
    shelf.apply([body], tries=3)
    assert len(shelf.dead_letters()) == 1  # told again, it is the same letter


def test_a_dead_letter_is_applied_when_its_time_has_come(shelf: Shelf) -> None:
    shelf.apply([message(put(1, "a", 3, sku=None), put(1, "b", 4))])  # type: ignore[arg-type]
    shelf._connection.execute(
        "UPDATE dead_letter SET message = ?", [message(put(1, "a", 3))]
    )  # somebody has mended it
    assert shelf.replay().applied == 1
    assert (shelf.dead_letters(), total(shelf)) == ([], 7)


def test_a_dead_letter_that_was_overtaken_does_no_harm(shelf: Shelf) -> None:
    shelf.apply([message(put(1, "a", -1)), message(put(2, "a", 5))])
    shelf._connection.execute("UPDATE dead_letter SET message = ?", [message(put(1, "a", 1))])
    done = shelf.replay()
    assert (done.applied, done.stale, total(shelf)) == (0, 1, 5)
