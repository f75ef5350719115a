"""The registry: a strategy is enrolled by its file existing, or by an entry point, or by a path."""

from pathlib import Path

import pytest

import strategies
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


def test_a_strategy_of_another_checkout_may_be_named_by_its_file(tmp_path: Path) -> None:
    here = Path(strategies.__path__[0]) / "row_lock.py"
    other = tmp_path / "row_lock.py"
    other.write_text(here.read_text("utf-8").replace('"""', '"""The other. ', 1), "utf-8")
    kind = registry.find_strategy(str(other))
    assert kind is registry.find_strategy(str(other))
    assert kind is not registry.find_strategy("row_lock")
    assert (kind.family, kind.needs) == ("row", Needs.SQL)


def test_a_file_that_is_no_strategy_is_one_sentence(tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("import nothing_of_that_name\n", "utf-8")
    for name, said in ((str(broken), "nothing_of_that_name"), ("no/such.py", "there is no file")):
        with pytest.raises(Problem, match=said):
            registry.find_strategy(name)


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
