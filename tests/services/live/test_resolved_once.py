"""A hold is resolved exactly once: two sweepers, payers, cancellers and late payers at once.

Every actor is a process of its own on the same PostgreSQL (and Valkey, where the engine needs it).
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.services.live.blind import BlindSweep
from tests.services.live.history import Deed, Journal, deeds_in
from tests.services.live.judge import judged
from tests.services.live.market import SKU_UNITS, Market, opened
from tests.services.live.processes import finished, running, stopped
from tests.services.live.worker import Client, Job

pytestmark = [pytest.mark.live, pytest.mark.slow]
ENGINES = ["conditional_update", "redis_script", "redis_with_task"]
HOLDS = 48
NUMBERS = [str(number) for number in range(HOLDS)]


def jobs_of(market: Market, folder: Path) -> list[Job]:
    """Two sweepers; two processes in which some pay, cancel, pay late, and buy what comes back."""
    third = HOLDS // 3
    mine, disputed, late = NUMBERS[:third], NUMBERS[third : 2 * third], NUMBERS[2 * third :]
    deeds = {
        "payer": [("pay", number) for number in mine + disputed],
        "late payer": [("pay_late", number) for number in late],
        "canceller": [("cancel", number) for number in disputed],
    }
    again = {
        "payer again": deeds["payer"][::-1],
        "late payer again": deeds["late payer"][::-1],
        "hoarder": [(verb, f"h{n}") for n in range(third) for verb in ("place", "pay")],
    }
    return [
        Job("clients", market.address, str(folder / "clients"), deeds),
        Job("clients again", market.address, str(folder / "clients again"), again),
        Job("sweeper 1", market.address, ""),
        Job("sweeper 2", market.address, ""),
    ]


def buyer(market: Market, folder: Path) -> Client:
    """A client of this very process."""
    return Client("buyer", market.flow, market.session, Journal(folder / "buyer"))


def history_of(market: Market, folder: Path) -> tuple[Deed, ...]:
    """Place the holds, then let everybody go at once; what the clients were told."""
    buyer(market, folder).does_all([("place", number) for number in NUMBERS])
    jobs = jobs_of(market, folder)
    with running(jobs) as crew:
        for job in jobs:
            ended = finished if job.deeds else stopped
            assert ended(crew[job.name]) == 0, job.name
    return deeds_in(folder.iterdir())


@pytest.mark.parametrize("engine", ENGINES)
def test_every_hold_ends_once_and_as_its_clients_were_told(
    postgresql_url: str, valkey_url: str, tmp_path: Path, engine: str
) -> None:
    with opened(postgresql_url, valkey_url, engine) as market:
        market.stock_up(HOLDS - SKU_UNITS)  # as many units as holds: who comes late may find none
        deeds = history_of(market, tmp_path)
        market.come_to_rest()
        ends = market.ends()

        assert judged(deeds, ends, HOLDS) == ()
        assert market.breaches() == ()
        assert market.sellable() + sum(end.engine_units for end in ends.values()) == HOLDS
        told = Counter(deed.said for deed in deeds)
        print(engine, dict(told))
        assert sum(deed.saw_expired for deed in deeds) >= 1, "nobody came late"
        assert told["paid_late"] + told["refunded"] >= 1


def test_a_sweeper_that_does_not_look_is_found_out(
    postgresql_url: str, valkey_url: str, tmp_path: Path
) -> None:
    """One actor after the other: beside others it would trip over the journal before the judge."""
    with opened(postgresql_url, valkey_url, "conditional_update") as market:
        market.stock_up(HOLDS - SKU_UNITS)
        client = buyer(market, tmp_path)
        client.does_all([(verb, number) for number in NUMBERS for verb in ("place", "pay")])
        assert judged(deeds_in(tmp_path.iterdir()), market.ends(), HOLDS) == ()

        blind = BlindSweep(market.flow.engines, market.flow.limits)
        while market.do(blind.sweep()):
            pass
        found = judged(deeds_in(tmp_path.iterdir()), market.ends(), HOLDS)
        assert any("ends as expired" in complaint for complaint in found), found
