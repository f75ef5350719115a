"""Everybody wants one row: whoever is granted its lock goes through a stretch that nobody shares.

Theory: beyond a few clients throughput is 1 / (time the lock is held + time it takes to change
hands), however many there are; and it falls, because changing hands takes longer the more wait.
"""

from __future__ import annotations

from scenarios.predicting.costs import US
from scenarios.predicting.profile import Profile
from scenarios.predicting.run import Asked
from scenarios.scenario import load_scenario
from scenarios.studies.study import Row, Study, goodput, run_of

SALE = ("stock.cells=1", "demand.lines=[1]", "demand.duplicates=0", "demand.pool=0",
        "demand.quantities=[1]", "demand.hot_share=1", "matrix.stacks=[]")  # fmt: skip


def asked(series: str, clients: float, profile: Profile) -> Asked:
    """So many clients, in two processes."""
    crowd = (f"demand.connections={round(clients) // 2}", "demand.processes=2")
    return run_of(load_scenario("deep_stock", [*SALE, *crowd]), series, profile, 0.6)


def theory(_: str, clients: float, profile: Profile, __: Row) -> float | None:
    """One order after the other, or all of them side by side, whichever is less."""
    sql, client = profile.sql, profile.client
    server_us = sum(profile.sql_steps.get(kind, sql.statement_us)
                    for kind in ("ClaimOrder", "TakeIfEnough"))  # fmt: skip
    commit_us = profile.sql_steps.get("Commit", sql.commit_us)
    alone_us = client.order_us + 3 * client.sql_us + server_us + commit_us + sql.flush_us
    waiters = max(clients - 2, 0.0)
    held_us = client.sql_us + commit_us + sql.flush_us + sql.held_us + sql.held_waiter_us * waiters
    hands_us = sql.hand_over_us + sql.hand_over_waiter_us * waiters
    return min(clients / (alone_us * US), 1 / ((held_us + hands_us) * US))


STUDY = Study(
    name="hot_row_convoy",
    title="A hot row makes a convoy",
    turns="clients",
    reads="orders a second",
    series=("conditional_update",),
    points=(2, 4, 8, 16, 32, 64),
    asked=asked,
    read=goodput,
    theory=theory,
    explains="1 / (the lock's holding time + its change of hands), which grows with who waits",
)
