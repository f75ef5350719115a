"""Commits share flushes: a slow disk costs a crowd less than it costs one client.

Theory: with one flush at a time, each for everybody who waits, n clients in a closed loop fall into
two groups that take turns, so a commit takes two flushes where flushing dominates; where it does
not, the rest of the one under way (half of it on average) and one of its own.
"""

from __future__ import annotations

from dataclasses import replace

from scenarios.predicting.costs import US
from scenarios.predicting.profile import Profile
from scenarios.predicting.run import Asked
from scenarios.scenario import load_scenario
from scenarios.studies.study import Row, Study, goodput, run_of

SALE = ("stock.cells=1000", "demand.lines=[1]", "demand.duplicates=0", "demand.hot_share=0",
        "demand.pool=0", "demand.processes=2", "matrix.stacks=[]")  # fmt: skip
SERIES = {"4 clients": 4, "32 clients": 32}
STEPS = ("ClaimOrder", "TakeIfEnough", "Commit")


def asked(series: str, flush_us: float, profile: Profile) -> Asked:
    """A disk that takes so long."""
    crowd = f"demand.connections={SERIES[series] // 2}"
    there = replace(profile, sql=replace(profile.sql, flush_us=flush_us))
    return run_of(load_scenario("deep_stock", [*SALE, crowd]), "conditional_update", there, 1.0)


def theory(series: str, flush_us: float, profile: Profile, _: Row) -> float | None:
    """What the flushes let through, or the processors."""
    sql, client, clients = profile.sql, profile.client, SERIES[series]
    server_us = sum(profile.sql_steps.get(kind, sql.statement_us) for kind in STEPS)
    work_us = client.order_us + 3 * client.sql_us + server_us
    flush_us += sql.flush_next_us
    busy_us = (work_us * sql.crowded + sql.commit_crowded_us) / profile.machine.server_cores
    return min(clients / (max(2 * flush_us, work_us + 1.5 * flush_us) * US), 1 / (busy_us * US))


STUDY = Study(
    name="group_commit_window",
    title="Commits share flushes",
    turns="a flush, µs",
    reads="orders a second",
    series=tuple(SERIES),
    points=(100, 300, 1_000, 3_000, 10_000),
    asked=asked,
    read=goodput,
    theory=theory,
    explains="n clients / two flushes where the disk decides, the processors where they do",
)
