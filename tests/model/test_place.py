"""The model as a place that any driver can use."""

import pytest

from inventory_core.domain import Opening, Outcome
from inventory_core.drivers import carry_out
from inventory_core.records import Unassigned
from inventory_core.steps import ConstraintBroken, clock, kv, rows, sql
from inventory_core.steps.engine import OnEngine
from inventory_core.stores.stacks import find_stack
from inventory_core.strategy import Needs, registry
from scenarios.model import model_place
from tests.model.asking import A, order


def test_ids_follow_from_session_and_number() -> None:
    place = model_place()
    first, second = place.connect(), place.connect()
    assert [first.perform(clock.NewId()) for _ in range(2)] == ["1.1", "1.2"]
    assert second.perform(clock.NewId()) == "2.1"


def test_time_passes_only_while_a_plan_sleeps() -> None:
    place = model_place()
    session = place.connect()
    assert session.perform(kv.SetIfAbsent("lock:a", "1.1", 40))
    session.perform(clock.Sleep(0.039))
    assert not session.perform(kv.SetIfAbsent("lock:a", "2.1", 40))
    session.perform(clock.Sleep(0.001))
    assert session.perform(clock.Now()) == pytest.approx(0.04)
    assert session.perform(kv.SetIfAbsent("lock:a", "2.1", 40))
    session.perform(clock.BackOff(3, 0.1, 0.2))
    assert 0.04 < session.perform(clock.Now()) <= 0.24


def test_a_step_that_would_wait_is_an_error_here() -> None:
    place = model_place()
    first, second = place.connect(), place.connect()
    first.perform(sql.OpenCells((Opening(A, 1),)))
    first.perform(sql.Begin())
    first.perform(sql.TakeIfEnough(A, 1))
    with pytest.raises(AssertionError, match="nobody is there"):
        second.perform(sql.TakeIfEnough(A, 1))
    first.close()
    assert second.perform(sql.TakeIfEnough(A, 1))
    with pytest.raises(ConstraintBroken):
        second.perform(sql.WriteCell(A, -1))


def test_dice_are_the_same_for_the_same_seed() -> None:
    rolls = [[place.perform(clock.Draw(6)) for _ in range(20)] for place in _seeded(7, 7, 8)]
    assert rolls[0] == rolls[1] != rolls[2]
    assert set(rolls[0]) <= set(range(6))


def _seeded(*seeds: int) -> list[object]:
    return [model_place().connect(seed=seed) for seed in seeds]


@pytest.mark.parametrize("name", ["conditional_update", "redis_script", "redis_with_task"])
def test_plans_run_on_it_to_their_end(name: str) -> None:
    place, strategy = model_place(), registry.make(name)
    session = place.connect()
    carry_out(strategy.load([Opening(A, 1)]), session.perform)
    answers = [carry_out(strategy.deduct(order(n)), session.perform) for n in ("1", "2", "1")]
    assert answers == [Outcome.DEDUCTED, Outcome.REFUSED, Outcome.REPLAYED]
    assert {book.store for book in place.audit().books} <= {"sql", "kv"}


def test_it_is_enrolled_as_a_stack() -> None:
    import scenarios.model.stack  # noqa: F401 - enrols by being imported

    stack = find_stack("model")
    assert not stack.live
    assert Needs.SQL | Needs.KV in stack.offers


def test_each_engine_has_keys_of_its_own_and_all_share_the_rows() -> None:
    place = model_place()
    session = place.connect()
    asks = kv.SetIfAbsent("lock:a", "1.1", 40)
    assert session.perform(OnEngine("one", asks))
    assert session.perform(OnEngine("two", asks))
    assert not session.perform(OnEngine("one", asks))
    session.perform(OnEngine("two", clock.Sleep(0.04)))
    assert session.perform(OnEngine("one", asks))
    assert session.perform(OnEngine("one", rows.Insert(Unassigned("a", 1))))
    assert session.perform(rows.Get(Unassigned, ("a",))) == Unassigned("a", 1)
    assert session.perform(rows.StoreClock()) == 40
