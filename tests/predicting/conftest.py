"""A small sale, and costs that no machine has but that are easy to reckon with."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scenarios.predicting import profile as costs
from scenarios.predicting.profile import Profile
from scenarios.predicting.run import Asked
from scenarios.scenario import Scenario, load_scenario

PLAIN = Profile(
    "plain",
    machine=costs.Machine(server_cores=2, wake_us=0.0),
    client=costs.Client(order_us=10, sql_us=10, kv_us=10),
    sql=costs.Sql(statement_us=40, commit_us=20, flush_us=100, hand_over_us=10),
    kv=costs.Kv(command_us=10),
)


def sale(*settings: str) -> Scenario:
    return load_scenario("flash_sale", ["stock.quantity=60", "demand.connections=3", *settings])


def asked(
    strategy: str, *settings: str, seconds: float = 0.05, seed: int = 1, profile: Profile = PLAIN
) -> Asked:
    scenario = sale(*settings)
    return Asked(replace(scenario, name="sale"), strategy, profile, seed, seconds)


@pytest.fixture
def plain() -> Profile:
    return PLAIN
