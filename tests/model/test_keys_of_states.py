"""Equal keys, equal behaviour: what may be merged is merged, and copies go their own ways."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from inventory_core.domain import HoldState, Opening
from inventory_core.records import Unassigned
from inventory_core.steps import Step, kv, rows, sql
from scenarios.model import KvModel, SqlModel, Store
from tests.model.asking import A, B, answer_of, begin, order, shop, value_of

LEFT: tuple[Step[Any], ...] = (
    sql.ClaimOrder(order("left")),
    sql.TakeIfEnough(A, 1),
    sql.GiveBack(A, 1),
    sql.ReadCellLocked(A),
    sql.RecordAdjustment("left", A, 1, "count"),
    sql.Settle("left", HoldState.PAID),
)
RIGHT: tuple[Step[Any], ...] = (
    sql.ClaimOrder(order("right")),
    sql.TakeIfEnough(B, 1),
    sql.WriteCell(B, 3),
    sql.DrawToken(B),
    sql.Bury("right as well"),
    sql.Settle("right", HoldState.REFUSED),
)
LUA: tuple[Step[Any], ...] = (
    kv.Deduct(order("1", A)),
    kv.Deduct(order("2", A, B)),
    kv.Resolve("1", "roll_back"),
    kv.Resolve("2", "pay"),
    kv.Adjust("k", A, 2),
    kv.Drain("d", B),
    kv.SetIfAbsent("lock:a", "1.1", 50),
    kv.DeleteIfEqual("lock:a", "1.1"),
)


@given(left=st.lists(st.sampled_from(LEFT)), right=st.lists(st.sampled_from(RIGHT)), data=st.data())
def test_sessions_that_touch_different_rows_may_go_in_any_order(
    left: list[Step[Any]], right: list[Step[Any]], data: st.DataObject
) -> None:
    one, other = shop(), shop()
    for model in (one, other):
        begin(model, 0, 1)
    ways = data.draw(st.permutations([0] * len(left) + [1] * len(right)))
    lists = [iter(left), iter(right)]
    for session in ways:
        value_of(one, session, next(lists[session]))
    for session, steps in ((1, right), (0, left)):
        for step in steps:
            value_of(other, session, step)
    assert one.key() == other.key()
    for session in (0, 1):
        value_of(one, session, sql.Commit())
        value_of(other, 1 - session, sql.Commit())
    assert one.key() == other.key()


@given(st.permutations(["1", "2", "3"]), st.permutations(["1", "2", "3"]))
def test_keys_do_not_tell_in_which_order_orders_came(one: list[str], other: list[str]) -> None:
    books = []
    for numbers in (one, other):
        model = KvModel()
        value_of(model, 0, kv.OpenCells((Opening(A, 9),)))
        for number in numbers:
            value_of(model, 0, kv.Deduct(order(number, A)))
            value_of(model, 0, kv.Adjust(number, A, 1))
        books.append((model.key(), value_of(model, 0, kv.ReadJournal())))
    assert books[0] == books[1]


def going_on(store: Store, steps: list[Step[Any]]) -> list[Any]:
    """What a store answers from here on."""
    return [(repr(answer_of(store, 0, step)), store.key()) for step in steps]


@settings(max_examples=60)
@given(st.lists(st.sampled_from(LUA), max_size=8), st.lists(st.sampled_from(LUA), max_size=8))
def test_a_copy_of_the_keys_goes_its_own_way(
    before: list[Step[Any]], after: list[Step[Any]]
) -> None:
    model = KvModel()
    value_of(model, 0, kv.OpenCells((Opening(A, 3), Opening(B, 2))))
    going_on(model, before)
    assert_a_copy_is_apart(model, after)


@settings(max_examples=60)
@given(
    st.lists(st.sampled_from(LEFT + RIGHT), max_size=8),
    st.lists(st.sampled_from(LEFT + RIGHT), max_size=8),
    st.sampled_from(sql.Isolation),
)
def test_a_copy_of_the_rows_goes_its_own_way(
    before: list[Step[Any]], after: list[Step[Any]], isolation: sql.Isolation
) -> None:
    model = shop(a=3, b=2)
    value_of(model, 0, sql.Begin(isolation))
    going_on(model, before)
    assert_a_copy_is_apart(model, [*after, sql.Commit(), *after])


def assert_a_copy_is_apart(model: SqlModel | KvModel, steps: list[Step[Any]]) -> None:
    """A copy, and a copy of the same state after the first went on, do the same."""
    first, second = model.copy(), model.copy()
    key, book = model.key(), model.book()
    told = going_on(first, steps)
    assert (model.key(), model.book()) == (key, book)
    assert second.key() == key
    assert going_on(second, steps) == told
    assert going_on(model, steps) == told


def test_every_difference_that_can_be_told_is_in_the_key() -> None:
    model = shop(a=5)
    keys = [model.key()]
    for step in (
        sql.ClaimOrder(order("1")),
        sql.TakeIfEnough(A, 1),
        sql.GiveBack(A, 1),  # the units are what they were, the version is not
        sql.AddTasks("1", 1, ((A, 1),)),
        sql.RecordAdjustment("k", A, 1, "count"),
        sql.Settle("1", HoldState.PAID),
        sql.Begin(),
        sql.ReadCellLocked(A),
        sql.WriteCell(A, 2),
        sql.TakeTasks(1),
    ):
        value_of(model, 0, step)
        keys.append(model.key())
    model.advance(1)
    keys.append(model.key())
    assert len(set(keys)) == len(keys)


def test_attempts_do_not_split_states() -> None:
    model = shop()
    value_of(model, 0, sql.ClaimOrder(order("1")))
    before = model.key()
    assert not value_of(model, 0, sql.ClaimOrder(order("1"))).fresh
    assert model.key() == before


def test_ids_of_tasks_do_not_tell_how_many_there_were_before() -> None:
    one, other = shop(), shop()
    begin(other, 0)
    value_of(other, 0, sql.AddTasks("lost", 1, ((B, -1),)))
    value_of(other, 0, sql.Rollback())
    for model in (one, other):
        value_of(model, 0, sql.AddTasks("1", 1, ((A, -1), (A, -1))))
    assert one.key() == other.key()
    tasks = value_of(one, 0, sql.TakeTasks(10))
    assert len({task.task_id for task in tasks}) == 2


def test_the_rows_of_a_kind_are_the_committed_ones_whatever_is_shared() -> None:
    model = shop()
    value_of(model, 0, rows.Insert(Unassigned("a", 1)))
    assert value_of(model, 0, rows.Select(Unassigned)) == (Unassigned("a", 1),)
    twin = model.copy()
    value_of(twin, 0, rows.Remove(Unassigned, ("a",)))
    value_of(model, 0, rows.Insert(Unassigned("b", 2)))
    assert value_of(twin, 0, rows.Select(Unassigned)) == ()
    both = (Unassigned("a", 1), Unassigned("b", 2))
    assert value_of(model, 0, rows.Select(Unassigned)) == both
    assert value_of(model, 0, rows.Select(Unassigned, (("sku", "=", "b"),))) == both[1:]
