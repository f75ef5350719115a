"""Stacks: who fits where, and the servers behind them."""

from __future__ import annotations

from dataclasses import is_dataclass
from types import ModuleType

import pytest

from inventory_core.domain import Cell, Line, Opening, Order, Outcome
from inventory_core.drivers import carry_out
from inventory_core.problems import Problem
from inventory_core.steps import Step, clock, kv, sql
from inventory_core.stores.addresses import Address
from inventory_core.stores.null import NullPart
from inventory_core.stores.servers import Servers, Settings
from inventory_core.stores.stacks import Stack, connect, find_stack, stack_for, stacks
from inventory_core.strategy import Needs, registry

NAMES = list(registry.strategies())


@pytest.mark.parametrize("name", NAMES)
def test_every_strategy_fits_the_smallest_stack_that_offers_its_needs(name: str) -> None:
    kind = registry.find_strategy(name)
    assert stack_for(kind).fits(kind, name) == ""


def test_a_pairing_that_does_not_fit_says_why() -> None:
    kind = registry.find_strategy("redis_script")
    sentence = find_stack("postgresql").fits(kind, "redis_script")
    assert sentence == "redis_script needs kv, and the stack postgresql offers sql"


def test_a_wrong_stack_is_one_sentence() -> None:
    with pytest.raises(Problem, match="choose among null"):
        find_stack("oracle")
    assert "postgresql+redis" in stacks()


@pytest.mark.parametrize("name", NAMES)
def test_every_strategy_runs_to_its_end_on_the_null_stack(name: str) -> None:
    strategy = registry.make(name)
    session = connect(Address("null"), strategy.limits)
    order = Order("1", (Line(Cell("a"), 1), Line(Cell("b"), 1)))
    answer = carry_out(strategy.deduct(order), session.perform)
    assert answer in (
        Outcome.DEDUCTED,
        Outcome.CONTENDED,
    )  # nothing that is written can be read back
    for plan in (strategy.pay("1"), strategy.ship("1"), strategy.roll_back("1")):
        assert isinstance(carry_out(plan, session.perform), Outcome)
    assert len(carry_out(strategy.read([Cell("a"), Cell("b")]), session.perform)) == 2


@pytest.mark.parametrize("module", [sql, kv, clock])
def test_the_null_stack_answers_every_step_there_is(module: ModuleType) -> None:
    steps = {
        kind
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Step) and is_dataclass(kind)
    }
    assert len(steps) > 4
    assert steps <= set(NullPart().handlers)


def test_a_stack_without_servers_is_not_opened() -> None:
    pure = Stack("pure", Needs.SQL, live=False)
    with Servers(Settings()) as servers, pytest.raises(Problem, match="only `prove` runs on it"):
        servers.open(pure)
    assert not servers._running


def test_a_plan_for_private_servers_starts_none_of_them() -> None:
    with Servers(Settings()) as servers:
        lines = servers.planned(find_stack("postgresql+redis"))
        assert len(lines) == 2
        assert all("private" in line for line in lines)
        assert not servers._running


def test_a_server_elsewhere_is_refused_before_anything_starts() -> None:
    with pytest.raises(Problem, match="--allow-host db"):
        Servers(Settings(sql_url="postgresql://me@db.example/shop"))
    with pytest.raises(Problem, match="must begin with"):
        Servers(Settings(redis_url="http://127.0.0.1"))


@pytest.mark.live
@pytest.mark.slow
def test_a_place_on_given_servers_is_ours_alone_and_gone_afterwards(
    postgresql_url: str, valkey_url: str
) -> None:
    settings = Settings(sql_url=postgresql_url, redis_url=valkey_url)
    stack = find_stack("postgresql+redis")
    strategy = registry.make("redis_with_task")
    with Servers(settings) as servers, servers.open(stack) as one, servers.open(stack) as two:
        assert one.address != two.address
        session = one.connect()
        carry_out(strategy.load([Opening(Cell("a"), 3)]), session.perform)
        session.close()
        assert one.remaining() == 3
        assert two.remaining() in (None, 0)
        assert {book.store for book in one.audit().books} == {"sql", "kv"}
        assert two.audit().books == ()
        assert one.durability["words"] == "fsync, commit on; aof everysec"
        schema = one.address.sql_schema
        assert any(schema in line for line in one.planned())
    with Servers(settings) as servers, servers.open(stack) as again:
        assert again.address.sql_schema != schema


@pytest.mark.live
@pytest.mark.slow
def test_what_is_said_of_a_place_is_said_of_its_own_servers(valkey_url: str) -> None:
    with Servers(Settings(redis_url=valkey_url)) as servers:
        with servers.open(find_stack("postgresql")) as private:
            assert private.address.embedded
            assert private.durability["fsync_us"]
            assert private.durability["words"] == "fsync, commit on"
        with servers.open(find_stack("redis")) as given:
            assert not given.address.embedded
            assert given.durability["fsync_us"] is None, "its disk may be elsewhere"
        with servers.open(find_stack("postgresql+redis")) as mixed:
            assert mixed.durability["fsync_us"] is None


@pytest.mark.live
@pytest.mark.slow
def test_private_servers_of_one_stack_start_side_by_side_and_end_together() -> None:
    with Servers(Settings()) as servers:
        with servers.open(find_stack("postgresql+redis")) as place:
            assert set(place.stores) == {"sql", "kv"}
            directories = [server.directory for server in servers._running.values()]
            assert all(directory.exists() for directory in directories)
        with servers.open(find_stack("redis")) as again:
            assert again.address.kv_url == place.address.kv_url
    assert not any(directory.exists() for directory in directories)


@pytest.mark.live
def test_a_server_that_is_not_there_is_one_sentence() -> None:
    settings = Settings(sql_url="postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(Problem) as problem, Servers(settings) as servers:
        servers.open(find_stack("postgresql")).__enter__()
    assert "\n" not in str(problem.value).strip()


def test_the_scheme_of_the_url_chooses_the_database() -> None:
    strategy = registry.find_strategy("redis_with_task")
    assert stack_for(strategy, "mysql://root@127.0.0.1/").name == "mariadb+redis"
    assert stack_for(strategy, "postgresql://me@127.0.0.1/").name == "postgresql+redis"
    keys = registry.find_strategy("redis_script")
    assert stack_for(keys, "mariadb://root@127.0.0.1/").name == "redis"


def test_a_stack_that_is_named_is_not_run_on_the_other_database() -> None:
    with (
        Servers(Settings(sql_url="mariadb://root@127.0.0.1/")) as servers,
        pytest.raises(Problem, match="leads to mariadb"),
    ):
        servers.open(find_stack("postgresql"))


@pytest.mark.parametrize(
    "query, said",
    [
        ("isolation=snapshot", "isolation=snapshot in the URL: it must be read-committed or"),
        ("innodb_snapshot_isolation=", "it must be on or"),
        ("isolatoin=read-committed", "has no option isolatoin"),
    ],
)
def test_an_option_of_a_mariadb_that_is_not_known_is_refused(query: str, said: str) -> None:
    with pytest.raises(Problem, match=said):
        Servers(Settings(sql_url=f"mysql://root@127.0.0.1/?{query}"))
