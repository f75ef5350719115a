"""A lock that is a lease protects as long as its holder is not paused for longer than it lasts.

Theory: none of the damage below one lease; above it, whoever wakes writes what another has written
meanwhile, unless the row refuses him (a fencing token). M. Kleppmann, "How to do distributed
locking", 2016.
"""

from __future__ import annotations

from scenarios.predicting.profile import Profile
from scenarios.predicting.run import Asked
from scenarios.scenario import load_scenario
from scenarios.studies.study import Row, Study, run_of

LEASE_MS = 50


def asked(series: str, leases: float, profile: Profile) -> Asked:
    """A process stands still for so many leases, ten times a second."""
    fault = f"holder_paused,lease_ms={LEASE_MS},every_s=0.2,pause_s={leases * LEASE_MS / 1e3:g}"
    settings = ("stock.quantity=1000000", "demand.duplicates=0", "run.seconds=4")
    return run_of(load_scenario("flash_sale", settings, [fault]), series, profile, 4.0)


def broken(_: str, __: float, row: Row) -> float:
    """Orders and units that went wrong."""
    names = ("oversold_units", "lost_orders", "leaked_units", "surplus_units", "duplicated_orders")
    return float(sum(row[name] for name in names))


def theory(series: str, leases: float, _: Profile, __: Row) -> float | None:
    """Nothing breaks within the lease, or behind a fence; beyond, theory counts no units."""
    return 0.0 if leases < 1 or series == "redis_lock_fenced" else None


STUDY = Study(
    name="lease_shorter_than_pause",
    title="A pause longer than the lease",
    turns="pause, in leases",
    reads="orders and units that went wrong",
    series=("redis_lock", "redis_lock_fenced"),
    points=(0.25, 0.5, 0.9, 1.1, 1.5, 2.0, 3.0),
    asked=asked,
    read=broken,
    theory=theory,
    explains="nothing below one lease; behind a fence, nothing at all (Kleppmann 2016)",
    logarithmic=False,
)
