"""The judge of looks, on histories that are written by hand."""

from __future__ import annotations

import pytest

from inventory_core.problems import Problem
from scenarios.lagging.demand import refills_of, visits_of
from scenarios.lagging.history import Answer, Changed, History, Look
from scenarios.lagging.judging import combined, judge
from scenarios.lagging.paths import Kind, SyncPath
from scenarios.lagging.scenario import Sale, load_lag
from scenarios.lagging.source import Row, Source
from scenarios.lagging.window import Arrival, Window

PATH = SyncPath(Kind.POLLING, 1.0)


def history(*looks: Look) -> History:
    """One unit: sold at 1 s, back at 2 s; the copy hears of the first at 1.5 s, then of both."""
    return History(
        articles=1,
        quantity=1,
        seconds=4.0,
        changes=[Changed(2.0, 0, Row(1, 2), -1), Changed(1.0, 0, Row(0, 1), 1)],
        looks=list(looks),
        arrivals=[Arrival(1.5, 0, 1), Arrival(2.25, 0, 2)],
        written=2,
    )


def test_a_look_is_held_against_what_the_source_was_then() -> None:
    found = judge(
        history(
            Look(0.5, 0, Row(1, 0), Answer.SOLD),
            Look(1.25, 0, Row(1, 0), Answer.REFUSED),
            Look(1.75, 0, Row(0, 1), Answer.WENT_AWAY),
            Look(2.2, 0, Row(0, 1), Answer.WENT_AWAY),
            Look(2.2, 0, Row(0, 1), Answer.LOOKED),
        ),
        PATH,
    )
    assert (found.looks, found.stale_share, found.refused, found.sold) == (5, 0.6, 1, 1)
    assert (found.false_in_stock, found.false_sold_out, found.lost_sales) == (1, 2, 1)
    assert found.oversold == 0
    assert found.behind_ms_mean == pytest.approx((250 + 200 + 200) / 5)
    assert found.behind_ms_p99 == pytest.approx(250)
    assert (found.lag_ms_p50, found.lag_ms_p99) == (pytest.approx(500), pytest.approx(500))
    assert found.writes_per_change == 1
    assert found.silent_ms == pytest.approx(1_750)


def test_a_copy_that_is_ahead_of_the_reply_is_not_stale() -> None:
    found = judge(history(Look(0.9, 0, Row(0, 1), Answer.WENT_AWAY)), PATH)
    assert (found.stale_share, found.behind_ms_mean) == (0, 0)


def test_a_unit_that_is_promised_twice_is_seen_although_the_source_hides_it() -> None:
    told = history()
    told.changes.append(Changed(1.2, 0, Row(0, 2), 1))
    told.changes[0] = Changed(2.0, 0, Row(0, 3), -1)
    assert judge(told, PATH).oversold == 1


def test_a_change_that_was_not_recorded_is_a_bug_and_not_a_figure() -> None:
    told = history()
    told.changes.pop()
    with pytest.raises(AssertionError, match="changes missed"):
        judge(told, PATH)


def test_nothing_at_all_is_judged_too() -> None:
    found = judge(History(1, 1, 1.0), PATH)
    assert (found.looks, found.stale_share, found.lag_ms_p99) == (0, 0, 0)
    row = combined([found, found])
    assert row["stale_share_low"] == row["stale_share_high"] == 0


def test_a_source_that_owes_sells_what_comes_in_to_nobody_new() -> None:
    source = Source(1, 1)
    assert source.take(0) == Row(0, 1)
    assert source.take(0) is None
    assert source.take(0, by_the_copy=True) == Row(0, 2)
    assert source.give(0, 1) == Row(0, 3)
    assert source.give(0, 2) == Row(2, 4)


def test_a_window_takes_what_is_newer_and_the_planted_one_what_comes() -> None:
    for versioned in (True, False):
        window = Window([Row(5, 0)], lambda: 1.0, versioned=versioned)
        window.put(0, Row(3, 2))
        window.put(0, Row(4, 1))
        assert window.shown(0) == (Row(3, 2) if versioned else Row(4, 1))
    window = Window([Row(5, 7)], lambda: 1.0)
    window.put(0, Row(9, 1), epoch=1)
    assert (window.shown(0), window.written, window.ignored) == (Row(9, 1), 1, 0)


def test_the_demand_is_in_order_within_the_sale_and_the_same_for_a_seed() -> None:
    sale = Sale(articles=3, seconds=20)
    visits = list(visits_of(sale, 1))
    assert visits == list(visits_of(sale, 1)) != list(visits_of(sale, 2))
    assert len(visits) == pytest.approx(4_000, rel=0.1)
    for events in (visits, list(refills_of(sale))):
        times = [event.at_s for event in events]
        assert times == sorted(times)
        assert times[-1] < sale.seconds
        assert {event.article for event in events} == {0, 1, 2}


@pytest.mark.parametrize(
    "setting, says",
    [
        ("sale.shopers_per_s=3", "did you mean sale.shoppers_per_s"),
        ("paths.polling_ms=[0]", "write a number from 1 to"),
        ("paths.lag_ms_p99=1", "is less than paths.lag_ms_p50"),
        ("sale.seconds=5", "let it end earlier"),
        ("demand.kind=open", "is not a key"),
    ],
)
def test_a_mistake_is_one_sentence_that_names_the_key(setting: str, says: str) -> None:
    with pytest.raises(Problem, match=says):
        load_lag(None, [setting])
