"""The registry: a strategy is enrolled by its file existing, or by an entry point, or by a path."""

import pytest

from inventory_core.domain import Limits
from inventory_core.problems import Problem
from inventory_core.strategy import Needs, Promise, Promises, registry


def test_every_file_of_the_package_is_a_strategy_under_the_files_name() -> None:
    known = registry.strategies()
    assert {"conditional_update", "noop", "redis_script", "row_lock"} <= set(known)
    for name, kind in known.items():
        assert kind.__module__ == f"strategies.{name}"
        assert registry.name_of(kind) == name


def test_a_strategy_may_be_named_by_its_path() -> None:
    kind = registry.find_strategy("strategies.row_lock:RowLock")
    assert registry.name_of(kind) == "row_lock"


@pytest.mark.parametrize(
    "name", ["no_such", "no.such:Thing", "strategies.row_lock:Nothing", "strategies.row_lock:sql"]
)
def test_a_wrong_name_is_one_sentence(name: str) -> None:
    with pytest.raises(Problem) as problem:
        registry.find_strategy(name)
    assert "\n" not in str(problem.value)


def test_limits_are_handed_to_the_strategy() -> None:
    assert registry.make("row_lock", Limits(tries=2)).limits.tries == 2
    assert registry.make("row_lock").limits == Limits()


def test_a_strategy_is_frozen_and_two_alike_are_equal() -> None:
    one = registry.make("row_lock")
    assert one == registry.make("row_lock")
    with pytest.raises(AttributeError):
        one.limits = Limits(tries=1)  # type: ignore[misc]


def test_needs_and_promises_are_told_in_words() -> None:
    assert (Needs.SQL | Needs.KV).words == ("sql", "kv")
    assert Promises(settles_within_s=2).words[-1] == "settles within 2 s"
    assert Promises(kept=frozenset({Promise.EXACTLY_ONCE})).words == (
        "exactly once",
        "right at once",
    )


def test_every_strategy_that_is_not_a_control_keeps_the_floor() -> None:
    floor = {
        Promise.NEVER_OVERSELLS,
        Promise.EXACTLY_ONCE,
        Promise.ALL_OR_NOTHING,
        Promise.LEAVES_NOTHING_BEHIND,
    }
    judged = [k for k in registry.strategies().values() if not k.control and k.family != "floor"]
    assert len(judged) >= 6
    for kind in judged:
        assert floor <= kind.promises.kept
