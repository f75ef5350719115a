"""A loaded run of a scenario with a table [shop]: its own buyers, over HTTP.

The service expires holds by itself and tells nobody, so when each hold ran out is read off its
journal afterwards.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from inventory_core.drivers import carry_out
from inventory_core.records import Entry, OrderState, ShopOrder
from inventory_core.services.stock_management import StockManagement
from inventory_core.stores.service import connect_service
from inventory_core.stores.session import Session
from inventory_core.strategy import Strategy
from inventory_core.strategy.registry import make
from scenarios.history import RunFolder
from scenarios.loading.fleet import Fleet
from scenarios.loading.front_checks import judge_front
from scenarios.loading.house import House, channel_for, served
from scenarios.loading.job import LoadJob
from scenarios.loading.outcome import answered_in_shop, served_of
from scenarios.loading.run import (
    REPORT,
    REST_WITHIN_S,
    LoadQuestion,
    Ran,
    Watch,
    Where,
    written,
)
from scenarios.measuring.records import timeline_columns
from scenarios.measuring.sampler import Sampler
from scenarios.serving.books import ShopBooks, read_books, work_left
from scenarios.serving.buyers import Buyers
from scenarios.serving.checks.case import Clock, ShopCase
from scenarios.serving.clocks import compared, store_clock
from scenarios.serving.furnishing import announce
from scenarios.serving.judging import judged
from scenarios.serving.place import ShopPlace
from scenarios.serving.records import write_case
from scenarios.serving.watching import Expiry

RUN_OUT = frozenset({OrderState.EXPIRED, OrderState.REFUNDED})
"""Where an order stands whose newest hold has run out."""


@dataclass
class _Opening:
    """What happens between the start's announcement and the start."""

    question: LoadQuestion
    buyers: Buyers
    session: Session
    watch: Watch
    window_ms: tuple[int, int] | None = None
    clock: Clock | None = None

    def begun(self, starts_ns: int) -> None:
        """Plan the activity from the start on, compare clocks, begin to watch."""
        if self.buyers.shop.window_s:
            in_ms = round((starts_ns - time.monotonic_ns()) / 1e6)
            planned = announce(self.buyers, self.question.strategy, in_ms)
            self.window_ms = carry_out(planned, self.session.perform)
        self.clock = compared(self.session, starts_ns)
        self.watch.begun(starts_ns)


def load_shop(
    question: LoadQuestion, here: ShopPlace, fleet: Fleet, folder: RunFolder
) -> dict[str, Any]:
    """Load a shop with its scenario's buyers; its row."""
    strategy, scenario = make(question.strategy), _under(question)
    buyers = Buyers(scenario, question.seed, question.seconds)
    channel = channel_for(question.strategy, question.rule, scenario.demand.hold_s)
    for_sale = dict.fromkeys(buyers.skus, scenario.stock.quantity)
    watch = Watch(Sampler(here.place.remaining))
    with served(here, channel, strategy, for_sale, buyers.shop, question.api_processes) as house:
        opening = _Opening(question, buyers, house.session, watch)
        job = LoadJob(scenario, question.seed, question.seconds, 1, question.users, house.front)
        takings = fleet.play(job, folder.path / REPORT, opening.begun)
        cpu, blind = watch.over()
        settled = _settled(house, opening, scenario.demand.hold_s + REST_WITHIN_S)
        survey = house.survey(REST_WITHIN_S)
    ended_ns = time.monotonic_ns() - takings.starts_ns
    assert opening.clock is not None, "the run has no start"
    case = _case(here, opening, served_of(takings.replies), settled, strategy)
    write_case(folder, case, timeline_columns(watch.sampler.samples, takings.starts_ns))
    front = judge_front(
        answered_in_shop(takings.replies, case.orders), survey, due=question.rule == "payment"
    )
    row, findings = judged(case, strategy, question.seconds, ended_ns, front)
    ran = Ran(question, strategy, Where.of(here.place), fleet.crewing, takings, cpu, blind)
    return written(ran, folder, row, findings)


def _under(question: LoadQuestion) -> Any:
    """The scenario under one rule."""
    shop = question.scenario.shop
    assert shop is not None, f"{question.scenario.name} has no table [shop]"
    return replace(question.scenario, shop=replace(shop, deduct_at=(question.rule,)))


def _settled(house: House, opening: _Opening, within_s: float) -> bool:
    """Wait until the service has resolved every hold and closed its activity."""
    deadline_s = time.monotonic() + within_s
    closes_ms = opening.window_ms[1] if opening.window_ms else 0
    perform = house.session.perform
    while time.monotonic() < deadline_s:
        closed = carry_out(store_clock(), perform) >= closes_ms
        if closed and not carry_out(work_left(), perform) and _all_closed(house):
            return True
        time.sleep(0.1)
    return False


def _all_closed(house: House) -> bool:
    activities = house.desk.asked("GET", "/v1/activities", params={"limit": 200})["items"]
    return all(one["state"] == "closed" for one in activities)


def _case(
    here: ShopPlace, opening: _Opening, attempts: list[Any], settled: bool, strategy: Strategy
) -> ShopCase:
    """Everything that is known of the run, read past the service."""
    engine = opening.question.strategy
    clock = opening.clock
    assert clock is not None, "the run has no start"
    session = connect_service(here.address)
    try:
        books = carry_out(read_books(), session.perform)
        breaches = carry_out(StockManagement({engine: strategy}).audit(), session.perform)
    finally:
        session.close()
    return ShopCase(
        opening.buyers,
        attempts,
        list(expiries_of(books, clock)),
        books,
        here.place.audit(),
        clock,
        opening.window_ms,
        settled,
        breaches,
    )


def expiries_of(books: ShopBooks, clock: Clock) -> Iterator[Expiry]:
    """Every hold that ran out: from its deadline until its units were back, on the run's clock."""
    released: dict[str, Entry] = {}
    for entry in books.entries:
        if entry.cause.startswith("release:"):
            released[entry.cause.removeprefix("release:")] = entry
    for order in books.orders:
        for generation in range(1, order.generation + 1):
            freed = released.get(f"{order.order_id}:{generation}")
            if freed is None or (generation == order.generation and order.state not in RUN_OUT):
                continue
            due_ms = min(_first_due_ms(order), freed.at_ms)
            sent = round((due_ms - clock.error_ms - clock.zero_ms) * 1e6)
            replied = round((freed.at_ms + clock.error_ms - clock.zero_ms) * 1e6)
            yield Expiry(order.order_id, generation, sent, replied)


def _first_due_ms(order: ShopOrder) -> int:
    return order.placed_ms + order.hold_s * 1_000
