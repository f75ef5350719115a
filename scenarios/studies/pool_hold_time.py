"""A pool is a queue: how long a connection is held decides how many orders a pool lets through.

Theory: Little's law. A pool of c connections, each held for h, lets through c / h at most; more of
them help until the processors are what everybody waits for.
"""

from __future__ import annotations

from dataclasses import replace

from scenarios.predicting.costs import US
from scenarios.predicting.profile import Profile
from scenarios.predicting.run import Asked
from scenarios.scenario import load_scenario
from scenarios.studies.study import Row, Study, goodput, run_of

SALE = ("stock.cells=1000", "demand.lines=[1]", "demand.duplicates=0", "demand.hot_share=0",
        "demand.processes=1", "demand.connections=128", "matrix.stacks=[]")  # fmt: skip
ONE_WAY_US = 1_000.0
STEPS = ("ClaimOrder", "TakeIfEnough", "Commit")


def _far(profile: Profile) -> Profile:
    """The database is a millisecond away, on a machine of its own."""
    network = replace(profile.network, one_way_us=ONE_WAY_US, jitter_us=0.0)
    return replace(profile, network=network, machine=replace(profile.machine, client_cores=8))


def asked(series: str, pool: float, profile: Profile) -> Asked:
    """A pool of so many connections."""
    scenario = load_scenario("deep_stock", [*SALE, f"demand.pool={round(pool)}"])
    return run_of(scenario, series, _far(profile), 1.0)


def theory(_: str, pool: float, profile: Profile, __: Row) -> float | None:
    """The least of what connections, the client's lock and the server's processors let through."""
    sql, client = profile.sql, profile.client
    server_us = sum(profile.sql_steps.get(kind, sql.statement_us) for kind in STEPS)
    held_us = 3 * (2 * ONE_WAY_US + client.sql_us) + server_us + sql.flush_us
    turns_us = client.order_us + 3 * client.sql_us * sql.crowded
    cores_us = (server_us * sql.crowded + sql.commit_crowded_us) / profile.machine.server_cores
    return min(pool / (held_us * US), 1 / (turns_us * US), 1 / (cores_us * US))


STUDY = Study(
    name="pool_hold_time",
    title="A pool lets through its size divided by how long a connection is held",
    turns="connections of the pool",
    reads="orders a second",
    series=("conditional_update",),
    points=(1, 2, 4, 8, 16, 32, 64, 128),
    asked=asked,
    read=goodput,
    theory=theory,
    explains="Little's law: c / h, up to what the client's lock and the processors let through",
)
