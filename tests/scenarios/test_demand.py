"""Demand is a pure function of scenario and seed, however it is sliced."""

from collections import Counter

import numpy as np
import pytest

from inventory_core.domain import Order
from scenarios.demand import KINDS, ORDERS, Delivery, Demand, Share, make_demand, order_number, told
from scenarios.measuring.arrivals import Stream
from scenarios.scenario import Scenario, load_scenario

NAMES = ["flash_sale", "oversell_attempts", "real_baskets"]


@pytest.fixture(scope="module", params=NAMES)
def scenario(request: pytest.FixtureRequest) -> Scenario:
    return load_scenario(request.param)


def stream(demand: Demand, blocks: int = 2) -> list[Delivery]:
    shares = [demand.deliveries(number, 0, 1, 1)[0] for number in range(min(blocks, demand.blocks))]
    return [delivery for share in shares for delivery in share]


def test_the_same_seed_makes_the_same_demand(scenario: Scenario) -> None:
    one, other = (make_demand(scenario, 7, 2.0) for _ in range(2))
    assert stream(one) == stream(other)
    assert one.openings == other.openings


def test_another_seed_makes_another_demand(scenario: Scenario) -> None:
    assert stream(make_demand(scenario, 7, 2.0)) != stream(make_demand(scenario, 8, 2.0))


def test_a_block_does_not_depend_on_those_made_before_it(scenario: Scenario) -> None:
    fresh, used = make_demand(scenario, 7, 2.0), make_demand(scenario, 7, 2.0)
    stream(used)
    assert fresh.deliveries(1, 0, 1, 1) == used.deliveries(1, 0, 1, 1)


def test_the_workers_together_have_the_whole_stream_and_nothing_twice(scenario: Scenario) -> None:
    demand = make_demand(scenario, 7, 2.0)
    clients = scenario.demand.clients
    shared = []
    for worker in range(scenario.demand.processes):
        first = worker * scenario.demand.connections
        part = Stream(demand, Share(first, first + scenario.demand.connections, clients))
        shared += [delivery for number in range(2) for delivery in part.of_all(number)]
    assert sorted(shared) == stream(demand)


def test_every_order_is_first_delivered_once(scenario: Scenario) -> None:
    demand = make_demand(scenario, 7, 2.0)
    block = demand.block(0)
    first = (block.kind == 0) & (block.delivery == 0)
    serials = block.serial[first]
    assert len(np.unique(serials)) == len(serials)
    assert len(serials) > 0.8 * min(ORDERS, scenario.demand.rate_per_s * 2.0)


def test_deliveries_come_in_the_order_of_time(scenario: Scenario) -> None:
    times = [delivery.intended_ns for delivery in stream(make_demand(scenario, 7, 2.0))]
    assert times == sorted(times)


def test_columns_after_the_run_say_what_was_delivered(scenario: Scenario) -> None:
    demand = make_demand(scenario, 7, 2.0)
    told_so = stream(demand)[::7]
    block = demand.columns(np.asarray([delivery.position for delivery in told_so]))
    assert [order_number(serial) for serial in block.serial.tolist()] == [d.number for d in told_so]
    assert block.kind.tolist() == [d.kind for d in told_so]
    code, texts, units = demand.bodies(block.serial, block.body)
    for place, delivery in enumerate(told_so):
        if delivery.lines:
            assert texts[code[place]] == told(delivery.lines)
            assert units[place] == sum(line.quantity for line in delivery.lines)


def test_every_cell_that_is_asked_for_is_open(scenario: Scenario) -> None:
    demand = make_demand(scenario, 7, 2.0)
    opened = {opening.cell for opening in demand.openings}
    assert {line.cell for delivery in stream(demand) for line in delivery.lines} <= opened


def test_another_body_under_the_same_number_is_another_order() -> None:
    demand = make_demand(load_scenario("oversell_attempts"), 7, 2.0)
    same, other = demand.lines_of(5, body=0), demand.lines_of(5, body=1)
    assert Order("o", same).fingerprint != Order("o", other).fingerprint


def test_flash_sale_has_its_share_of_duplicates_half_of_them_late() -> None:
    scenario = load_scenario("flash_sale")
    demand = make_demand(scenario, 7, 2.0)
    blocks = [demand.block(number) for number in range(10)]
    again = [block.serial[block.delivery == 1] for block in blocks]
    count = sum(map(len, again))
    assert 0.04 < count / (10 * ORDERS) < 0.06
    late = sum(int((block.intended_ns[block.delivery == 1]
                    - _first_times(block)[block.serial[block.delivery == 1]] > 1e7).sum())
               for block in blocks[1:2])  # fmt: skip
    assert late > 20


def _first_times(block: object) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    from scenarios.demand import Block

    assert isinstance(block, Block)
    times = np.zeros(int(block.serial.max()) + 1, dtype=np.int64)
    first = block.delivery == 0
    times[block.serial[first]] = block.intended_ns[first]
    return times


def test_attempts_to_oversell_misbehave_in_every_way() -> None:
    demand = make_demand(load_scenario("oversell_attempts"), 7, 2.0)
    block = demand.block(1)
    kinds = Counter(KINDS[kind] for kind in block.kind.tolist())
    assert {"deduct", "roll_back", "pay", "expire"} <= set(kinds)
    assert set(block.delivery.tolist()) >= {0, 1, 2, 3, 4}, "up to five deliveries of one order"
    assert block.body.any(), "another body under the same number"
    first_seen: dict[int, str] = {}
    for serial, kind in zip(block.serial.tolist(), block.kind.tolist(), strict=True):
        first_seen.setdefault(serial, KINDS[kind])
    assert "roll_back" in first_seen.values(), "cancelled before it comes"


def test_poisson_arrivals_have_the_stated_rate() -> None:
    scenario = load_scenario("flash_sale", ["demand.rate_per_s=500"])
    block = make_demand(scenario, 7, 2.0).block(3)
    assert block.intended_ns[-1] == pytest.approx(4 * ORDERS / 500 * 1e9, rel=0.01)
    gaps = np.diff(block.intended_ns[block.delivery == 0])
    assert gaps.std() / gaps.mean() == pytest.approx(1.0, abs=0.1)


def test_baskets_are_real_and_stock_runs_out_for_the_most_wanted_only() -> None:
    demand = make_demand(load_scenario("real_baskets"), 7, 2.0)
    asked: Counter[object] = Counter()
    baskets = {d.number: d.lines for d in stream(demand) if d.lines}
    for lines in baskets.values():
        for line in lines:
            asked[line.cell] += line.quantity
    have = {opening.cell: opening.quantity for opening in demand.openings}
    short = [cell for cell, units in asked.items() if have[cell] < units]  # type: ignore[index]
    assert 0.005 < len(short) / len(have) < 0.015
    assert set(short) <= {cell for cell, _ in asked.most_common(2 * len(short))}
    assert 7 < np.mean([len(lines) for lines in baskets.values()]) < 12
    assert max(line.quantity for lines in baskets.values() for line in lines) <= 24
