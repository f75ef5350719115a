"""A hold is resolved exactly once: two sweepers, payers, cancellers and late payers at once.

Every actor is a process of its own on the same PostgreSQL (and Valkey, where the engine needs it).
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.services.live.history import Deed, deeds_in
from tests.services.live.judge import judged
from tests.services.live.market import SKU_UNITS, Market, opened
from tests.services.live.processes import finished, running, stopped
from tests.services.live.worker import Job

pytestmark = [pytest.mark.live, pytest.mark.slow]
ENGINES = ["conditional_update", "redis_script", "redis_with_task"]
HOLDS = 48
NUMBERS = [str(number) for number in range(HOLDS)]


def jobs_of(market: Market, folder: Path, sweeper: str = "honest") -> list[Job]:
    """Two sweepers; buyers who place and pay; two who pay, one who cancels, two who come late."""
    third = HOLDS // 3
    mine, disputed, late = NUMBERS[:third], NUMBERS[third : 2 * third], NUMBERS[2 * third :]
    deeds = {
        "buyer": [(verb, number) for number in NUMBERS for verb in ("place",)],
        "payer": [("pay", number) for number in mine + disputed],
        "payer again": [("pay", number) for number in reversed(mine + disputed)],
        "canceller": [("cancel", number) for number in disputed],
        "late payer": [("pay_late", number) for number in late],
        "late payer again": [("pay_late", number) for number in reversed(late)],
        "hoarder": [(verb, f"h{n}") for n in range(third) for verb in ("place", "pay")],
    }
    clients = [
        Job(name, market.address, str(folder / name), tuple(does)) for name, does in deeds.items()
    ]
    sweepers = [Job(f"sweeper {n}", market.address, "", (), sweeper) for n in (1, 2)]
    return [*clients, *sweepers]


def history_of(market: Market, folder: Path, sweeper: str = "honest") -> tuple[Deed, ...]:
    """Let everybody go at once; what the clients were told, when all is done."""
    jobs = jobs_of(market, folder, sweeper)
    placing, rest = jobs[0], jobs[1:]
    with running([placing]) as first:
        assert finished(first["buyer"]) == 0
    with running(rest) as crew:
        for job in rest:
            if job.deeds:
                assert finished(crew[job.name]) == 0, job.name
        for job in rest:
            if not job.deeds:
                assert stopped(crew[job.name]) == 0 or job.flow != "honest", job.name
    return deeds_in(folder / job.name for job in jobs if job.deeds)


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
    with opened(postgresql_url, valkey_url, "conditional_update") as market:
        market.stock_up(HOLDS - SKU_UNITS)
        deeds = history_of(market, tmp_path, sweeper="blind")
        found = judged(deeds, market.ends(), HOLDS)
        assert found
        assert any("ends as expired" in complaint for complaint in found), found
