"""Faults in virtual time: whom they hurt, whom they must not, and that they happen at all."""

from __future__ import annotations

from typing import Any

import pytest

from scenarios.predicting.run import Asked, predict_once, simulate
from scenarios.scenario import load_scenario
from tests.predicting.conftest import PLAIN

AT_S, DOWN_S = 0.1, 0.05
KILLED = f"server_killed,at_s={AT_S},down_s={DOWN_S}"
PAUSED = "holder_paused,lease_ms=50,every_s=0.1"


def troubled(strategy: str, fault: str, seconds: float = 0.3) -> Asked:
    settings = ["stock.quantity=100000", "demand.connections=4"]
    return Asked(load_scenario("flash_sale", settings, [fault]), strategy, PLAIN, 1, seconds)


def row_of(strategy: str, fault: str, seconds: float = 0.3) -> dict[str, Any]:
    row = predict_once(troubled(strategy, fault, seconds))
    assert sum(row["faults"]["struck"].values()) > 0, "the fault did not happen"
    return row


@pytest.mark.parametrize("fault", ["client_dies,share=0.1", "reply_lost,share=0.1", KILLED, PAUSED])
@pytest.mark.parametrize(
    "name",
    ["conditional_update", "redis_script", "redis_stream", "merged_update", "leased_quota",
     "transactional_outbox", "redis_with_task", "redis_lock_fenced", "serializable_retry"],
)  # fmt: skip
def test_no_fault_breaks_a_promise(name: str, fault: str) -> None:
    row = row_of(name, fault)
    assert row["verdict"] == "holds", row["note"]
    assert row["oversold_units"] == 0
    assert row["faults"]["stranded_after_recover"] == 0


def test_a_client_that_dies_between_two_transactions_strands_its_units() -> None:
    row = row_of("claim_outside_transaction", "client_dies,share=0.1")
    assert row["verdict"] == "void"
    assert row["faults"]["stranded_after_recover"] > 0


def test_a_holder_that_stands_still_loses_its_lease_and_more() -> None:
    assert row_of("redis_lock", PAUSED, seconds=1.0)["verdict"] == "void"
    assert row_of("redis_lock_fenced", PAUSED, seconds=1.0)["verdict"] == "holds"


def test_nobody_is_answered_while_the_server_is_down() -> None:
    played = simulate(troubled("conditional_update", KILLED))
    replied_s = played.results[0].replied_ns / 1e9
    heard = played.results[0].answer < 3  # an outcome, not an error
    inside = (replied_s > AT_S) & (replied_s < AT_S + DOWN_S)
    assert not (inside & heard).any()
    assert (heard & (replied_s < AT_S)).any()
    assert (heard & (replied_s > AT_S + DOWN_S)).any(), "it never came back"


def test_what_redis_had_not_flushed_is_lost_and_what_postgresql_answered_is_not() -> None:
    lost = row_of("redis_then_database", "power_lost,at_s=0.6", seconds=0.8)
    assert lost["faults"]["lost_acknowledgements"] > 0
    kept = row_of("conditional_update", "power_lost,at_s=0.6", seconds=0.8)
    assert kept["faults"]["lost_acknowledgements"] == 0
    assert kept["faults"]["acknowledged_before_crash"] > 0


def test_a_whole_process_dies_for_good() -> None:
    played = simulate(troubled("conditional_update", "client_dies,node=1,at_s=0.1"))
    result = played.results[0]
    later = result.client[result.sent_ns > 0.15e9]
    assert set(later.tolist()) == {4, 5, 6, 7}, "clients of the second process go on, no others"


def test_the_same_seed_is_befallen_alike() -> None:
    first, again = (simulate(troubled("redis_script", "client_dies")) for _ in range(2))
    assert first.events == again.events
    assert (first.results[0].replied_ns == again.results[0].replied_ns).all()
