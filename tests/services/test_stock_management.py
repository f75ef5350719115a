"""Stock management by the numbers, on every honest engine, and after a death at every await."""

from collections.abc import Callable
from typing import Any

import pytest

from inventory_core.records import Activity, Channel, MovementKind
from inventory_core.services.stock_answers import StockSaid
from inventory_core.services.stock_management import StockManagement
from inventory_core.steps import Plan, rows
from inventory_core.steps.errors import StepError
from tests.services.conftest import Open
from tests.services.mall import Mall

FOR_EVER_MS = 10**15
STEPS_MOST = 200


def stock_of(mall: Mall) -> StockManagement:
    return StockManagement(mall.engines)


def numbers(mall: Mall, sku: str) -> dict[str, int]:
    """Everything that the law speaks of, once it was found to hold."""
    survey = mall.do(stock_of(mall).stock_of(sku))
    assert survey.breaches == ()
    assert survey.there == survey.accounted
    names = ("physical", "in_transit", "sellable", "activity", "pre_occupied", "shortfall")
    return {name: getattr(survey, name) for name in names} | {
        "unassigned": survey.stored.unassigned
    }


def tea(mall: Mall, **expected: int) -> None:
    found = numbers(mall, "tea")
    assert {name: found[name] for name in expected} == expected


def said(mall: Mall, plan: Plan[Any]) -> StockSaid:
    answer: StockSaid = mall.do(plan).said
    return answer


def test_received_units_are_unassigned_until_a_channel_is_given_them(mall: Mall) -> None:
    stock = stock_of(mall)
    assert said(mall, stock.receive("d7", "north", "tea", 10)) is StockSaid.DONE
    assert said(mall, stock.receive("d7", "north", "tea", 10)) is StockSaid.ALREADY_DONE
    assert said(mall, stock.receive("d7", "north", "tea", 11)) is StockSaid.MISMATCHED
    tea(mall, physical=30, unassigned=13, sellable=17)
    assert said(mall, stock.assign("a1", "tea", "mall", 13)) is StockSaid.DONE
    assert said(mall, stock.assign("a2", "tea", "mall", 1)) is StockSaid.NOT_ENOUGH
    tea(mall, physical=30, unassigned=0, sellable=30)


def test_a_channel_gives_units_to_another_once(mall: Mall) -> None:
    stock = stock_of(mall)
    assert said(mall, stock.transfer("t1", "tea", "mall", "street", 4)) is StockSaid.DONE
    assert said(mall, stock.transfer("t1", "tea", "mall", "street", 4)) is StockSaid.ALREADY_DONE
    assert said(mall, stock.transfer("t1", "tea", "mall", "street", 5)) is StockSaid.MISMATCHED
    assert said(mall, stock.transfer("t2", "tea", "mall", "street", 9)) is StockSaid.NOT_ENOUGH
    assert (mall.sellable("tea"), mall.sellable("tea", "channel:street")) == (8, 9)
    tea(mall, sellable=17, unassigned=3)


def test_a_transfer_order_is_in_transit_and_one_unit_is_lost_on_the_way(mall: Mall) -> None:
    stock = stock_of(mall)
    mall.do(stock.plan_transfer("t-1", "depot", "north", [("tea", 4)]))
    assert said(mall, stock.receive_transfer("t-1")) is StockSaid.TOO_LATE
    assert said(mall, stock.send_transfer("t-1")) is StockSaid.DONE
    assert said(mall, stock.send_transfer("t-1")) is StockSaid.ALREADY_DONE
    assert said(mall, stock.cancel_transfer("t-1")) is StockSaid.TOO_LATE
    tea(mall, physical=16, in_transit=4, unassigned=3)
    assert mall.do(stock.receive_transfer("t-1", {"tea": 3})).quantity == 1
    assert said(mall, stock.receive_transfer("t-1", {"tea": 3})) is StockSaid.ALREADY_DONE
    assert (mall.at("north", "tea"), mall.at("depot", "tea")) == ((9, 0), (6, 0))
    tea(mall, physical=19, in_transit=0, unassigned=2, shortfall=0)


def test_promised_units_are_not_sent_away(mall: Mall) -> None:
    mall.place("1", ("tea", 5))
    stock = stock_of(mall)
    mall.do(stock.plan_transfer("t-1", "north", "south", [("tea", 2)]))
    assert said(mall, stock.send_transfer("t-1")) is StockSaid.NOT_ENOUGH
    tea(mall, physical=20, in_transit=0, pre_occupied=5)


def test_a_count_down_takes_unassigned_then_channels_then_is_a_shortfall(mall: Mall) -> None:
    mall.place("1", ("tea", 6))
    stock = stock_of(mall)
    assert mall.do(stock.apply_count("c1", "depot", "tea", 0, 1)).quantity == -10
    tea(mall, physical=10, unassigned=0, sellable=4, pre_occupied=6, shortfall=0)
    assert (mall.sellable("tea"), mall.sellable("tea", "channel:street")) == (0, 4)
    mall.do(stock.apply_count("c2", "north", "tea", 0, 1))
    tea(mall, physical=4, sellable=0, pre_occupied=6, shortfall=2)
    assert [one.shortfall for one in mall.do(stock.shortfalls())] == [2]
    assert said(mall, stock.apply_count("c3", "north", "tea", 9, 0)) is StockSaid.STALE
    assert mall.do(stock.apply_count("c4", "north", "tea", 5, 2)).quantity == 5
    tea(mall, physical=9, unassigned=3, pre_occupied=6, shortfall=0)


def test_a_count_before_and_one_after_a_shipment_lose_nothing(mall: Mall) -> None:
    mall.place("1", ("tea", 2))
    mall.do(mall.flow.pay("mall/1"))
    stock = stock_of(mall)
    mall.do(stock.apply_count("after", "north", "tea", 4, 7))  # the shipment is its movement 7
    tea(mall, physical=18, unassigned=1, pre_occupied=2)
    mall.do(mall.flow.ship("mall/1", "north", [("tea", 7)]))
    tea(mall, physical=18, unassigned=3, pre_occupied=0, sellable=15)


def test_a_receipt_that_a_count_had_is_not_added_again(mall: Mall) -> None:
    stock = stock_of(mall)
    receipt = MovementKind.RECEIPT
    mall.do(stock.apply_count("c", "north", "tea", 8, 5))
    assert said(mall, stock.record_movement("north", 5, "tea", receipt, 2, "r")) is StockSaid.DONE
    tea(mall, physical=22, unassigned=5)
    assert said(mall, stock.record_movement("north", 6, "tea", receipt, 1, "r")) is StockSaid.DONE
    again = stock.record_movement("north", 6, "tea", receipt, 1, "r")
    assert said(mall, again) is StockSaid.ALREADY_DONE
    tea(mall, physical=23, unassigned=6)
    mall.do(stock.apply_count("late", "north", "tea", 8, 5))
    tea(mall, physical=23, unassigned=6)


def sale(mall: Mall) -> StockManagement:
    stock = stock_of(mall)
    planned = Activity("sale", "Sale", "mall", "", 0, FOR_EVER_MS)
    assert said(mall, stock.plan_activity(planned, [("tea", 5)])) is StockSaid.DONE
    return stock


def test_an_activity_closed_with_an_unpaid_hold_sends_home_each_unit_once(mall: Mall) -> None:
    stock = sale(mall)
    assert said(mall, stock.open_activity("sale")) is StockSaid.DONE
    assert said(mall, stock.open_activity("sale")) is StockSaid.ALREADY_DONE
    tea(mall, sellable=12, activity=5)
    mall.place("1", ("tea", 2, "sale"))
    tea(mall, sellable=12, activity=3, pre_occupied=2)
    assert mall.do(stock.close_activity("sale")).quantity == 3
    assert said(mall, stock.close_activity("sale")) is StockSaid.ALREADY_DONE
    tea(mall, sellable=15, activity=0, pre_occupied=2)
    mall.do(mall.flow.cancel("mall/1"))
    tea(mall, sellable=17, activity=0, pre_occupied=0)


def test_an_activity_that_the_channel_cannot_fill_opens_nothing(mall: Mall) -> None:
    stock = stock_of(mall)
    planned = Activity("sale", "Sale", "mall", "", 0, FOR_EVER_MS)
    mall.do(stock.plan_activity(planned, [("cup", 2), ("tea", 13)]))
    assert said(mall, stock.open_activity("sale")) is StockSaid.NOT_ENOUGH
    assert (mall.sellable("tea"), mall.sellable("cup")) == (12, 8)


def test_activities_open_and_close_by_the_stores_clock(mall: Mall) -> None:
    stock = stock_of(mall)
    mall.do(stock.plan_activity(Activity("sale", "S", "mall", "", 1000, 3000), [("tea", 5)]))
    assert mall.do(stock.tick()) is False
    mall.later(1.5)
    assert (mall.do(stock.tick()), mall.do(stock.tick())) == (True, False)
    tea(mall, activity=5)
    mall.later(2.0)
    assert (mall.do(stock.tick()), mall.do(stock.tick())) == (True, False)
    tea(mall, activity=0, sellable=17)


DYING: dict[str, Callable[[StockManagement], Plan[Any]]] = {
    "receive": lambda stock: stock.receive("k", "north", "tea", 2),
    "transfer": lambda stock: stock.transfer("k", "tea", "mall", "street", 2),
    "too much": lambda stock: stock.transfer("k", "tea", "mall", "street", 50),
    "assign to a new cell": lambda stock: stock.assign("k", "tea", "fresh", 2),
    "count": lambda stock: stock.apply_count("k", "depot", "tea", 0, 1),
    "send": lambda stock: stock.send_transfer("t-1"),
    "open": lambda stock: stock.open_activity("sale"),
    "close": lambda stock: stock.close_activity("old"),
}


@pytest.mark.slow
@pytest.mark.parametrize("deed", DYING)
def test_a_client_may_die_at_every_await(open_mall: Open, deed: str) -> None:
    for after in range(STEPS_MOST):
        mall = prepared(open_mall)
        went_on = abandoned(mall, DYING[deed](stock_of(mall)), after)
        mall.settle()
        assert mall.do(stock_of(mall).audit()) == (), f"died after {after} steps"
        answer = mall.do(DYING[deed](stock_of(mall)))
        assert answer.done or deed == "too much"
        assert mall.do(stock_of(mall).audit()) == ()
        if not went_on:
            return
    raise AssertionError(f"{deed} has more than {STEPS_MOST} steps")


def prepared(open_mall: Open) -> Mall:
    """A mall in which every deed has something to do."""
    mall = open_mall()
    stock = sale(mall)
    engine = next(iter(mall.engines))
    mall.do(_channel(engine))
    mall.do(stock.plan_transfer("t-1", "depot", "north", [("tea", 4)]))
    mall.do(stock.plan_activity(Activity("old", "O", "mall", "", 0, FOR_EVER_MS), [("cup", 3)]))
    mall.do(stock.open_activity("old"))
    return mall


async def _channel(engine: str) -> None:
    await rows.Insert(Channel("fresh", "Fresh", engine))


def abandoned(mall: Mall, plan: Plan[Any], after: int) -> bool:
    """Carry out so many steps on a session of its own, and die; was it still going on?"""
    session = mall.connect()
    step = plan.send(None)
    for _ in range(after):
        try:
            try:
                answer = session.perform(step)
            except StepError as error:
                step = plan.throw(error)
            else:
                step = plan.send(answer)
        except StopIteration:
            session.close()
            return False
    plan.close()
    session.close()
    return True
