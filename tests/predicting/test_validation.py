"""Predicted against measured: the figures of a validation add up, and a bad one is seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scenarios.predicting.calibration import Found
from scenarios.predicting.held_out import (
    SATURATED,
    Ran,
    Repetition,
    at_usual_pace,
    load_of,
    saturated,
)
from scenarios.predicting.levelling import Beside, faster_each
from scenarios.predicting.looking import Look
from scenarios.predicting.observing import Probe, at_the_median, honest, rates_of, sale_of
from scenarios.predicting.validation import (
    ORDERS_OF_A_TAIL,
    SIMULATED_S,
    Cell,
    floor_of,
    kendall,
    predicted,
    summary,
    tails_of,
    worst,
)
from tests.predicting.conftest import PLAIN
from workbench.published_validation import page_of

HOT = Cell("conditional_update", "32", (90.0, 100.0, 110.0), (10.0, 12.0, 11.0), 125.0, 5.5)
FAST = Cell("redis_script", "32", (900.0, 1_000.0, 1_100.0), (1.0,), 900.0, None)
SLOW = Cell("row_lock", "32", (50.0, 60.0, 55.0), (), 130.0, 3.0)


def test_errors_are_shares_of_the_median() -> None:
    assert HOT.error == pytest.approx(0.25)
    assert HOT.p99_error == pytest.approx(-0.5)
    assert FAST.p99_error is None
    assert SLOW.p99_error is None


def test_the_noise_floor_is_what_one_repetition_is_off() -> None:
    assert floor_of((100.0,)) == 0.0
    assert floor_of((100.0, 100.0, 100.0)) == 0.0
    assert floor_of((90.0, 100.0, 110.0)) == pytest.approx(1 - 90 / 105)


def test_ranks_count_where_the_measurement_tells_them_apart() -> None:
    assert kendall([HOT, FAST]) == 1.0
    assert kendall([HOT, SLOW]) == -1.0  # the slower one was predicted to be faster
    assert kendall([HOT, FAST, SLOW]) == pytest.approx(1 / 3)
    other_load = Cell("row_lock", "8", (1.0,), (), 5_000.0, None)
    assert kendall([HOT, other_load]) is None
    alike = Cell("adaptive", "32", (95.0, 105.0), (), 1.0, None)
    assert kendall([HOT, alike]) is None


def test_the_figures_and_the_page() -> None:
    cells = [HOT, FAST, SLOW]
    figures = summary(cells)
    assert figures["throughput_error_median"] == pytest.approx(0.25)
    assert figures["throughput_error_worst"] == pytest.approx(130 / 55 - 1)
    assert [cell.strategy for cell in worst(cells, 2)] == ["row_lock", "conditional_update"]
    found = Found(PLAIN, probes=[Probe("a:OneUpdate", 1, 4, 100.0, 98.0)])
    page = page_of(cells, [HOT, FAST], found)
    assert "- `row_lock` at 32 (+136%): statements of a long transaction" in page
    assert "| 1 of 3 |" in page
    assert "| conditional_update | 32 | 100 | 125 | +25% | 14% | 11.0 | 5.5 |" in page
    assert "OneUpdate 1 rows 4 clients -2%" in page
    assert "as `stockproof calibrate` does: throughput | 17.5% |" in page


def test_every_honest_strategy_is_validated() -> None:
    names = honest()
    assert "conditional_update" in names
    assert not {"noop", "naive_read_write"} & set(names)


def test_what_was_measured_while_the_machine_was_slow_is_corrected_by_its_reference() -> None:
    waited_ms = np.array([8.0, 2.0])

    def ran_at(name: str, per_s: float, slice_per_s: float, *, has_rows: bool = True) -> Ran:
        return Ran(name, Repetition(per_s, waited_ms), Beside(slice_per_s, has_rows))

    ran = [ran_at("row_lock", 10.0, 50.0)]
    ran += [ran_at(f"{n}", 10.0, 50.0) for n in range(2)]
    ran += [ran_at("redis_script", 500.0, 9_000.0, has_rows=False)]
    ran += [ran_at(f"{n}", 10.0, 100.0) for n in range(2, 6)]
    told = at_usual_pace(ran, {True: 100.0, False: 9_000.0})
    assert told["row_lock"].per_s == 20.0
    assert told["row_lock"].waited_ms.tolist() == [4.0, 1.0]
    assert told["5"].per_s == 10.0
    assert told["5"].waited_ms.tolist() == [8.0, 2.0]


def test_a_tail_needs_a_thousand_orders_of_all_repetitions_together() -> None:
    slow = Repetition(1.0, np.arange(1.0, 101.0))
    assert tails_of([slow] * 9) == ()
    tails = tails_of([slow] * 10)
    assert len(tails) == 10
    assert tails[0] == pytest.approx(99.01)
    assert tails_of([*[slow] * 10, Repetition(0.0, np.empty(0))]) == tails


def test_a_slow_strategy_is_simulated_until_it_has_a_tail() -> None:
    slow = replace(PLAIN, sql=replace(PLAIN.sql, flush_us=3_000.0))
    name, load, per_s, p99_ms = predicted((slow, "row_lock", sale_of(2)))
    assert (name, load) == ("row_lock", "2")
    assert per_s * SIMULATED_S < ORDERS_OF_A_TAIL
    assert p99_ms is not None
    assert p99_ms > 3.0


def test_several_looks_are_one_by_name_whatever_their_order() -> None:
    def look(name: str, per_s: float) -> Look:
        at = Beside(100.0, has_rows=True)
        return Look(name, per_s, 1.0, 1.0, 1.0, None, {}, {}, at)

    times = [[look("a", 10.0), look("b", 50.0)], [look("b", 70.0), look("a", 20.0)]]
    assert rates_of(times, {True: 100.0}) == {"a": 15.0, "b": 60.0}
    probes = [[Probe("a", 1, 4, per_s), Probe("a", 1, 8, 7.0)] for per_s in (3.0, 9.0, 4.0)]
    assert at_the_median(probes) == [Probe("a", 1, 4, 4.0), Probe("a", 1, 8, 7.0)]


def test_a_look_is_corrected_by_its_neighbours_too_and_not_by_one_odd_slice() -> None:
    slices = [100.0, 100.0, 10.0, 100.0, 50.0, 50.0, 50.0, 50.0]
    beside = [Beside(per_s, has_rows=True) for per_s in slices]
    assert faster_each(beside, {True: 100.0}) == [1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0, 2.0]
    assert faster_each(beside, {}) == [1.0] * len(beside)


def test_who_sends_more_than_can_be_served_does_not_wait_for_answers() -> None:
    scenario = saturated(1_000.0)
    assert load_of(scenario) == SATURATED
    assert scenario.demand.rate_per_s == pytest.approx(1_200.0)
    assert load_of(sale_of(8)) == "8"
