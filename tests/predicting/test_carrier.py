"""What a simulated run costs, waits for and brings back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inventory_core.strategy import registry
from scenarios.predicting import profile as costs
from scenarios.predicting.profile import Profile
from scenarios.predicting.run import Asked, predict_once, simulate
from scenarios.scenario import Demand, Run, Scenario, Stock
from tests.predicting.conftest import PLAIN, asked

SERIOUS = [
    name
    for name, kind in registry.strategies().items()
    if not kind.control and kind.family != "floor"
]
UPDATE = "scenarios.predicting.probes:OneUpdate"


def one_update(clients: int, profile: Profile, cells: int = 1) -> float:
    """Orders a second of a single statement that takes a lock and commits."""
    scenario = Scenario(
        "probe",
        stock=Stock(cells=cells, quantity=1_000_000),
        demand=Demand(processes=1, connections=clients),
        run=Run(seconds=1.0),
    )
    played = simulate(Asked(scenario, UPDATE, profile, 1, 0.2))
    return float((played.results[0].replied_ns <= 0.2e9).sum()) / 0.2


def test_one_client_waits_for_the_sum_of_all_costs() -> None:
    # 10 of an order, 10 to ask, 40 of the statement, 100 of the flush: 160 us.
    assert one_update(1, PLAIN) == pytest.approx(1e6 / 160, rel=0.02)


def test_a_wire_adds_two_ways() -> None:
    network = costs.Network(one_way_us=200)
    assert one_update(1, replace(PLAIN, network=network)) == pytest.approx(1e6 / 560, rel=0.02)


def test_buyers_of_different_articles_share_flushes() -> None:
    sql = replace(PLAIN.sql, flush_us=10_000)
    alone = one_update(1, replace(PLAIN, sql=sql), cells=1_000)
    crowd = one_update(16, replace(PLAIN, sql=sql), cells=1_000)
    assert crowd > 6 * alone


def test_buyers_of_one_article_flush_one_after_the_other() -> None:
    sql = replace(PLAIN.sql, flush_us=10_000)
    assert one_update(16, replace(PLAIN, sql=sql)) < 1.1 * one_update(1, replace(PLAIN, sql=sql))


def test_a_hot_row_collapses_for_the_hand_over_alone() -> None:
    dear = replace(PLAIN, sql=replace(PLAIN.sql, hand_over_us=50, hand_over_waiter_us=10))
    few, many = one_update(4, dear), one_update(32, dear)
    assert many < 0.5 * few
    cheap = replace(PLAIN, sql=replace(PLAIN.sql, hand_over_us=0, hand_over_waiter_us=0))
    assert one_update(32, cheap) > 0.9 * one_update(4, cheap)


@pytest.mark.parametrize("name", SERIOUS)
def test_every_strategy_keeps_its_promises_in_virtual_time(name: str) -> None:
    row = predict_once(asked(name))
    assert row["verdict"] == "holds", row["note"]
    assert row["deducted"] > 0
    assert row["oversold_units"] == 0


@pytest.mark.parametrize("name", ["naive_read_write", "lock_outside_transaction"])
def test_a_control_is_caught(name: str) -> None:
    row = predict_once(asked(name, seconds=0.2))
    assert row["verdict"] == "void"


def test_the_same_seed_gives_the_same_run() -> None:
    first, again, other = (
        simulate(asked("optimistic_version", seed=seed)).results[0] for seed in (1, 1, 2)
    )
    for column in ("position", "attempt", "client", "sent_ns", "replied_ns", "answer"):
        assert np.array_equal(getattr(first, column), getattr(again, column)), column
    assert not np.array_equal(first.replied_ns, other.replied_ns)


def test_an_open_loop_drops_who_waits_too_long() -> None:
    crowd = ("demand.kind='open'", "demand.rate_per_s=50000", "demand.queue=5")
    row = predict_once(asked("row_lock", *crowd))
    assert row["dropped"] > 0
    assert row["attempts"] == pytest.approx(50_000 * 0.05 * 1.05, rel=0.15)
    calm = ("demand.kind='open'", "demand.rate_per_s=500", "demand.queue=5")
    assert predict_once(asked("row_lock", *calm))["dropped"] == 0


def test_a_shared_pool_keeps_a_crowd_off_the_row() -> None:
    wide = predict_once(
        asked("conditional_update", "stock.quantity=100000", "demand.connections=64")
    )
    narrow = predict_once(
        asked(
            "conditional_update",
            *("stock.quantity=100000", "demand.connections=64", "demand.pool=2"),
        )
    )
    assert narrow["goodput_per_s"] > 1.2 * wide["goodput_per_s"]
    assert narrow["verdict"] == "holds"


def test_a_serializable_transaction_is_told_at_its_commit_that_it_failed() -> None:
    several = ("stock.cells=3", "demand.lines=[2]", "stock.quantity=1000")
    row = predict_once(asked("serializable_retry", *several))
    assert row["verdict"] == "holds"
    assert row["errors"] == 0
