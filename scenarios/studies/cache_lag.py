"""What a cache said and had not flushed is gone with the power: a second's worth of sales, at most.

Theory: what is lost is the rate times the time since the last flush. It grows with success: the
faster the sale, the more of it is on nobody's disk.
"""

from __future__ import annotations

import random

from scenarios.measuring.strikes import lost_of
from scenarios.predicting.profile import Profile
from scenarios.predicting.run import Asked
from scenarios.scenario import load_scenario
from scenarios.studies.study import SEED, Row, Study, run_of

SALE = ("stock.quantity=1000000", "demand.kind=open", "demand.duplicates=0", "demand.retries=0")
AT_S, SECONDS = 1.2, 1.6


def asked(series: str, rate: float, profile: Profile) -> Asked:
    """The power goes in the middle of a sale at this rate."""
    settings = (*SALE, f"demand.rate_per_s={rate}", f"run.seconds={SECONDS}")
    fault = f"power_lost,at_s={AT_S},down_s=0.1"
    return run_of(load_scenario("flash_sale", settings, [fault]), series, profile, SECONDS)


def lost(_: str, __: float, row: Row) -> float:
    """Answers "deducted" that are in no book."""
    return float(row["faults"]["lost_acknowledgements"])


def theory(series: str, rate: float, _: Profile, __: Row) -> float | None:
    """The rate times what was not flushed; a database flushes before it answers."""
    unflushed_s = lost_of(random.Random(f"{SEED}/strikes"))
    return 0.0 if series == "conditional_update" else rate * unflushed_s


STUDY = Study(
    name="cache_lag",
    title="What a cache had said and not flushed when the power went",
    turns="orders that arrive, a second",
    reads="acknowledged orders that are gone",
    series=("redis_script", "conditional_update"),
    points=(100, 200, 400, 800, 1_600),
    asked=asked,
    read=lost,
    theory=theory,
    explains="rate × time since the last flush; nothing where the answer waits for the disk",
)
