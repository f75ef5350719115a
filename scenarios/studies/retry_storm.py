"""Who is turned away for the crowd comes again, and is the crowd.

Theory: if each attempt fails with probability p, whatever came before, an order that may be tried r
times more makes (1 - p^(r+1)) / (1 - p) attempts on average.
"""

from __future__ import annotations

from scenarios.predicting.profile import Profile
from scenarios.predicting.run import Asked
from scenarios.scenario import load_scenario
from scenarios.studies.study import Row, Study, run_of

RETRIES = {"no retries": 0, "3 retries": 3, "10 retries": 10}
STRATEGY = "row_lock_nowait"


def asked(series: str, clients: float, profile: Profile) -> Asked:
    """So many clients want one row, and come again when it is taken."""
    settings = (
        "stock.quantity=1000000",
        "demand.duplicates=0",
        f"demand.retries={RETRIES[series]}",
        f"demand.connections={round(clients) // 2}",
    )
    return run_of(load_scenario("flash_sale", settings), STRATEGY, profile, 1.0)


def attempts(_: str, __: float, row: Row) -> float:
    """Attempts an order."""
    return float(row["attempts"] / max(row["operations"], 1))


def theory(series: str, _: float, __: Profile, row: Row) -> float | None:
    """What independent failures would come to, from the share that failed."""
    fails = row["contended"] / max(row["attempts"], 1)
    tries = RETRIES[series] + 1
    return float((1 - fails**tries) / (1 - fails)) if fails < 1 else float(tries)


STUDY = Study(
    name="retry_storm",
    title="Retries make the crowd that they flee",
    turns="clients",
    reads="attempts an order",
    series=tuple(RETRIES),
    points=(2, 4, 8, 16, 32),
    asked=asked,
    read=attempts,
    theory=theory,
    explains="(1 - p^(r+1)) / (1 - p) for failures that do not know of each other",
)
