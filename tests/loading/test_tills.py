"""The tills: workers share one stream, and who waits too long leaves."""

from __future__ import annotations

from dataclasses import replace

from scenarios.loading.job import LoadJob
from scenarios.loading.tills import Till, till_of
from scenarios.loading.visits import Visit
from scenarios.scenario import load_scenario
from scenarios.serving.buyers import Buyers, Life

SECOND_NS = 1_000_000_000


def a_job(name: str, *sets: str, workers: int = 1, seconds: float = 1.0) -> LoadJob:
    return LoadJob(load_scenario(name, sets), 7, seconds, workers, 4)


def taken(till: Till, now_ns: int, most: int) -> list[Visit]:
    found = []
    while len(found) < most and isinstance(visit := till.take(now_ns), Visit):
        found.append(visit)
    return found


def test_two_workers_play_one_stream_and_nothing_twice() -> None:
    alone = till_of(a_job("flash_sale"), 0)
    alone.begin(0, SECOND_NS)
    whole = [visit.key for visit in taken(alone, 0, 400)]
    shares = []
    for worker in (0, 1):
        till = till_of(a_job("flash_sale", workers=2), worker)
        till.begin(0, SECOND_NS)
        shares.append([visit.key for visit in taken(till, 0, 200)])
    assert sorted(shares[0] + shares[1]) == whole
    assert whole == sorted(whole), "in the order of the stream"


def test_a_closed_till_is_over_when_the_time_is() -> None:
    till = till_of(a_job("flash_sale"), 0)
    till.begin(0, SECOND_NS)
    assert isinstance(till.take(SECOND_NS - 1), Visit)
    assert till.take(SECOND_NS) is None
    assert till.dropped() == []


def test_an_open_till_counts_from_the_intended_start_and_drops_who_waited_too_long() -> None:
    sets = ("demand.kind=\"open\"", "demand.rate_per_s=100", "demand.queue=10",
            'demand.arrivals="even"', "demand.duplicates=0")  # fmt: skip
    till = till_of(a_job("flash_sale", *sets), 0)
    till.begin(SECOND_NS, 2 * SECOND_NS)
    first = till.take(SECOND_NS)
    assert isinstance(first, Visit)
    assert first.due_ns == SECOND_NS
    late = till.take(SECOND_NS + SECOND_NS // 2)
    assert isinstance(late, Visit)
    assert SECOND_NS + SECOND_NS // 2 - late.due_ns <= SECOND_NS // 10, "ten wait at most"
    gone = till.dropped()
    assert len(gone) + 2 == 100, "whoever came in time was served or has left"


def test_bursts_of_a_scenario_are_bursts_at_the_till() -> None:
    sets = ("demand.kind=\"open\"", "demand.rate_per_s=100", 'demand.arrivals="even"',
            'demand.shape="bursts"', "demand.period_s=1", "demand.peak=4")  # fmt: skip
    till = till_of(a_job("flash_sale", *sets), 0)
    till.begin(0, SECOND_NS)
    due = [visit.due_ns for visit in taken(till, 0, 100)]
    assert max(due[:90]) < SECOND_NS // 4, "a second's orders come in its first quarter"


def test_a_buyer_pays_after_the_answer_and_not_before() -> None:
    job = a_job("payment_timeouts", "demand.rate_per_s=50")
    till = till_of(job, 0)
    till.begin(0, SECOND_NS)
    shop = job.scenario.shop
    assert shop is not None
    orders = {one.serial: one for one in Buyers(job.scenario, 7, 1.0).orders()}
    now, paid = 0, 0
    while True:
        visit = till.take(now)
        if visit is None:
            break
        if not isinstance(visit, Visit):
            now += round(visit * 1e9) + 1
            continue
        if visit.kind == "pay":
            paid += 1
            assert orders[visit.key].life in (Life.PAY, Life.PAY_LATE)
        follows = till.answered(visit, "deducted" if visit.kind == "deduct" else "paid", now)
        assert follows is None or follows.due_ns >= now
    assert paid == sum(one.life in (Life.PAY, Life.PAY_LATE) for one in orders.values())


def test_who_is_closed_hands_out_no_more() -> None:
    for name in ("flash_sale", "payment_timeouts", "real_baskets"):
        till = till_of(replace(a_job(name), seconds=1.0), 0)
        till.begin(0, SECOND_NS)
        till.close()
        assert till.take(0) is None
