"""The order flow, verb by verb: who asks twice, late or too early gets the promised answer."""

from dataclasses import replace

import pytest

from inventory_core.records import AllocationState, Channel, DeductAt, OrderState
from inventory_core.services.contract import Said
from inventory_core.steps import rows
from tests.services.conftest import Open
from tests.services.mall import Mall


def test_an_order_is_held_and_pre_occupied_at_the_nearest_warehouse(mall: Mall) -> None:
    answer = mall.place("1", ("tea", 2), ("cup", 1))
    assert answer.said is Said.PLACED
    assert answer.order.state is OrderState.HELD
    assert (mall.at("north", "tea"), mall.at("north", "cup")) == ((6, 2), (4, 1))
    assert (mall.sellable("tea"), mall.sellable("cup")) == (10, 7)


def test_the_same_order_again_is_answered_with_the_same_body(mall: Mall) -> None:
    first = mall.place("1", ("tea", 2))
    again = mall.place("1", ("tea", 2))
    assert (again.said, again.body, again.replayed) == (Said.PLACED, first.body, True)
    assert mall.at("north", "tea") == (6, 2)


def test_another_body_is_mismatched(mall: Mall) -> None:
    mall.place("1", ("tea", 2))
    assert mall.place("1", ("tea", 3)).said is Said.MISMATCHED
    assert mall.place("1", ("tea", 2), address="west/bay").said is Said.MISMATCHED
    assert mall.sellable("tea") == 10


def test_a_refusal_is_stored_and_takes_nothing(mall: Mall) -> None:
    first = mall.place("1", ("cup", 1), ("pot", 3))
    assert (first.said, first.reason.split(":")[0]) == (Said.REFUSED, "out_of_stock")
    assert (mall.sellable("cup"), mall.at("north", "cup")) == (8, (4, 0))
    again = mall.place("1", ("cup", 1), ("pot", 3))
    assert (again.said, again.body, again.replayed) == (Said.REFUSED, first.body, True)


def test_a_partial_order_takes_what_there_is(mall: Mall) -> None:
    answer = mall.place("1", ("cup", 1), ("pot", 3), partial=True)
    assert answer.said is Said.PLACED
    assert [line.taken for line in answer.order.lines] == [1, 0]
    assert (mall.sellable("cup"), mall.sellable("pot")) == (7, 2)
    assert mall.do(mall.flow.pay("mall/1")).said is Said.PAID


def test_a_line_is_split_and_shipped_in_part(mall: Mall) -> None:
    answer = mall.place("1", ("tea", 9))
    pieces = [(one.warehouse, one.quantity) for one in answer.order.allocations]
    assert pieces == [("north", 6), ("south", 3)]
    mall.do(mall.flow.pay("mall/1"))
    assert mall.do(mall.flow.ship("mall/1", "north")).said is Said.PART_SHIPPED
    assert (mall.at("north", "tea"), mall.at("south", "tea")) == ((0, 0), (4, 3))
    assert mall.do(mall.flow.ship("mall/1", "north")).said is Said.ALREADY_SHIPPED
    assert mall.do(mall.flow.ship("mall/1", "south")).said is Said.SHIPPED
    assert mall.at("south", "tea") == (1, 0)
    assert mall.order("mall/1").state is OrderState.SHIPPED


def test_the_backup_ships_when_the_others_are_out(mall: Mall) -> None:
    assert mall.place("1", ("tea", 10)).said is Said.PLACED
    answer = mall.place("2", ("tea", 2))
    assert [(one.warehouse, one.quantity) for one in answer.order.allocations] == [("depot", 2)]


def test_what_nobody_may_ship_there_is_refused_before_anything_is_taken(mall: Mall) -> None:
    answer = mall.place("1", ("tea", 1), address="moon")
    assert (answer.said, answer.reason.split(":")[0]) == (Said.REFUSED, "undeliverable")
    assert mall.do(mall.flow.find("mall/1")) is None


def test_pay_confirms_once(mall: Mall) -> None:
    mall.place("1", ("tea", 2))
    assert mall.do(mall.flow.pay("mall/1")).said is Said.PAID
    assert mall.do(mall.flow.pay("mall/1")).said is Said.ALREADY_PAID
    assert mall.at("north", "tea") == (6, 2)


def test_cancel_gives_back_and_a_paid_order_is_refunded(mall: Mall) -> None:
    mall.place("1", ("tea", 2))
    mall.place("2", ("tea", 1))
    mall.do(mall.flow.pay("mall/2"))
    assert mall.do(mall.flow.cancel("mall/1")).said is Said.CANCELLED
    assert mall.do(mall.flow.cancel("mall/1")).said is Said.ALREADY_CANCELLED
    assert mall.do(mall.flow.cancel("mall/2")).said is Said.REFUNDED
    assert (mall.sellable("tea"), mall.at("north", "tea")) == (12, (6, 0))
    assert mall.place("1", ("tea", 2)).body  # its first answer, kept


def test_a_cancellation_before_its_order_leaves_a_tombstone(mall: Mall) -> None:
    assert mall.do(mall.flow.cancel("mall/1")).said is Said.TOMBSTONED
    assert mall.do(mall.flow.cancel("mall/1")).said is Said.ALREADY_CANCELLED
    late = mall.place("1", ("tea", 2))
    assert (late.said, late.reason.split(":")[0]) == (Said.REFUSED, "cancelled_before")
    assert (mall.sellable("tea"), mall.at("north", "tea")) == (12, (6, 0))


def test_an_unpaid_hold_expires_and_can_be_paid_late(open_mall: Open) -> None:
    mall = open_mall(hold_s=10)
    mall.place("1", ("tea", 2))
    assert mall.do(mall.flow.expire("mall/1")).said is Said.NOT_DUE
    mall.later(11.0)
    assert mall.do(mall.flow.sweep())
    assert (mall.order("mall/1").state, mall.sellable("tea")) == (OrderState.EXPIRED, 12)
    assert mall.do(mall.flow.expire("mall/1")).said is Said.ALREADY_EXPIRED
    assert mall.do(mall.flow.pay("mall/1")).said is Said.PAID_LATE
    assert (mall.order("mall/1").generation, mall.at("north", "tea")) == (2, (6, 2))
    assert mall.sellable("tea") == 10


def test_late_payment_without_stock_is_refunded(open_mall: Open) -> None:
    mall = open_mall(hold_s=10)
    mall.place("1", ("pot", 2))
    mall.later(11.0)
    mall.do(mall.flow.sweep())
    mall.place("2", ("pot", 1))
    assert mall.do(mall.flow.pay("mall/1")).said is Said.REFUNDED
    assert (mall.sellable("pot"), mall.at("south", "pot")) == (1, (2, 1))
    assert mall.do(mall.flow.pay("mall/1")).said is Said.ALREADY_REFUNDED


def test_at_payment_time_nothing_is_taken_before_payment(open_mall: Open) -> None:
    mall = open_mall(DeductAt.PAYMENT)
    assert mall.place("1", ("pot", 2)).order.state is OrderState.UNHELD
    assert mall.place("2", ("pot", 2)).said is Said.PLACED
    assert (mall.sellable("pot"), mall.at("south", "pot")) == (2, (2, 0))
    assert mall.do(mall.flow.pay("mall/1")).said is Said.PAID
    assert (mall.sellable("pot"), mall.at("south", "pot")) == (0, (2, 2))
    turned_away = mall.do(mall.flow.pay("mall/2"))
    assert (turned_away.said, mall.order("mall/2").state) == (Said.REFUSED, OrderState.REFUSED)


def test_cancelling_what_is_unheld_gives_nothing_back(open_mall: Open) -> None:
    mall = open_mall(DeductAt.PAYMENT)
    mall.place("1", ("pot", 2))
    assert mall.do(mall.flow.cancel("mall/1")).said is Said.CANCELLED
    assert mall.sellable("pot") == 2


def test_a_third_party_refuses_and_another_takes_over(mall: Mall) -> None:
    mall.place("1", ("tea", 2), address="west/bay")
    mall.do(mall.flow.pay("mall/1"))
    mall.do(mall.flow.dispatch("mall/1"))
    assert mall.at("south", "tea") == (4, 2)
    answer = mall.do(mall.flow.refuse_dispatch("mall/1", "south", "no van"))
    assert answer.said is Said.REDISPATCHED
    assert (mall.at("south", "tea"), mall.at("north", "tea")) == ((4, 0), (6, 2))
    states = [(one.warehouse, one.state) for one in answer.order.allocations]
    assert states == [("south", AllocationState.REFUSED), ("north", AllocationState.RESERVED)]


def test_what_a_warehouse_was_told_to_ship_is_neither_cancelled_nor_refunded(mall: Mall) -> None:
    mall.place("1", ("tea", 2))
    mall.do(mall.flow.pay("mall/1"))
    mall.do(mall.flow.dispatch("mall/1"))
    assert mall.do(mall.flow.cancel("mall/1")).said is Said.ALREADY_DISPATCHED
    assert mall.do(mall.flow.refund("mall/1", "r", [(1, 1)])).said is Said.TOO_MANY
    mall.do(mall.flow.refuse_dispatch("mall/1", "north", "no van"))
    assert mall.do(mall.flow.cancel("mall/1")).said is Said.REFUNDED
    assert mall.sellable("tea") == 12


def test_a_closed_channel_takes_no_orders_and_settles_those_it_has(mall: Mall) -> None:
    mall.place("1", ("tea", 2))
    mall.place("2", ("tea", 1))
    mall.do(_close("mall"))
    refused = mall.place("3", ("tea", 1))
    assert refused.reason.split(":")[0] == "no_such_channel"
    assert mall.do(mall.flow.pay("mall/1")).said is Said.PAID
    assert mall.do(mall.flow.refuse_dispatch("mall/1", "north", "x")).said is Said.REDISPATCHED
    assert mall.do(mall.flow.cancel("mall/2")).said is Said.CANCELLED


async def _close(code: str) -> None:
    channel = await rows.Get(Channel, (code,))
    assert channel is not None
    await rows.Put(replace(channel, active=False))


def test_nobody_takes_over_what_nobody_has(mall: Mall) -> None:
    mall.place("1", ("pot", 1))
    mall.do(mall.flow.pay("mall/1"))
    answer = mall.do(mall.flow.refuse_dispatch("mall/1", "south", "no van"))
    assert answer.said is Said.UNDISPATCHABLE
    assert mall.at("south", "pot") == (2, 1)


def test_a_refund_in_part_goes_back_to_the_channel_once(mall: Mall) -> None:
    mall.place("1", ("tea", 9))
    mall.do(mall.flow.pay("mall/1"))
    assert mall.do(mall.flow.refund("mall/1", "r1", [(1, 2)])).said is Said.REFUNDED
    assert mall.do(mall.flow.refund("mall/1", "r1", [(1, 2)])).said is Said.ALREADY_REFUNDED
    assert mall.sellable("tea") == 5
    assert mall.do(mall.flow.refund("mall/1", "r2", [(1, 8)])).said is Said.TOO_MANY
    assert mall.do(mall.flow.cancel("mall/1")).said is Said.REFUNDED
    assert (mall.sellable("tea"), mall.order("mall/1").state) == (12, OrderState.REFUNDED)
    assert (mall.at("north", "tea"), mall.at("south", "tea")) == ((6, 0), (4, 0))


def test_a_return_is_recorded_and_changes_no_stock(mall: Mall) -> None:
    mall.place("1", ("tea", 2))
    assert mall.do(mall.flow.return_goods("mall/1", "b1", 1, 1, "dent")).said is Said.NOT_SHIPPED
    mall.do(mall.flow.pay("mall/1"))
    mall.do(mall.flow.ship("mall/1", "north"))
    assert mall.do(mall.flow.return_goods("mall/1", "b1", 1, 1, "dent")).said is Said.RETURNED
    again = mall.do(mall.flow.return_goods("mall/1", "b1", 1, 1, "dent"))
    assert again.said is Said.ALREADY_RETURNED
    assert mall.do(mall.flow.return_goods("mall/1", "b2", 1, 2, "dent")).said is Said.TOO_MANY
    assert (mall.at("north", "tea"), mall.sellable("tea")) == ((4, 0), 10)


@pytest.mark.parametrize("verb", ["pay", "expire", "dispatch"])
def test_what_is_not_there_is_not_found(mall: Mall, verb: str) -> None:
    assert mall.do(getattr(mall.flow, verb)("mall/9")).said is Said.NOT_FOUND


def test_what_is_not_paid_is_not_shipped(mall: Mall) -> None:
    mall.place("1", ("tea", 1))
    assert mall.do(mall.flow.ship("mall/1", "north")).said is Said.NOT_PAID
