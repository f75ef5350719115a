"""An activity closes while somebody holds and has not paid.

    tea                     mall    sale    pre-occupied
    at first                  12       -          0
    the sale opens with 6      6       6          0
    Ann holds 2                6       4          2
    the sale closes           10       0          2      its remainder, once
    Ann's hold expires        12       0          0      to the channel, never to the closed sale

Closing twice returns nothing twice; who orders from the closed sale is refused.
"""

from __future__ import annotations

from inventory_core.records import OrderState
from inventory_core.services.contract import Said
from inventory_core.services.stock_answers import StockSaid
from tests.examples.test_limit_per_buyer import open_sale
from tests.services.mall import Mall

HOLD_S = 2


def numbers(mall: Mall) -> tuple[int, int, int]:
    """Tea in the mall, in the sale, and pre-occupied."""
    survey = mall.do(mall.stock.stock_of("tea"))
    return mall.sellable("tea"), mall.sellable("tea", "activity:sale"), survey.pre_occupied


def test_the_remainder_and_a_late_hold_return_to_the_channel_once(mall: Mall) -> None:
    assert numbers(mall) == (12, 0, 0)
    open_sale(mall, HOLD_S)
    assert numbers(mall) == (6, 6, 0)
    mall.place("1", ("tea", 2, "sale"))
    assert numbers(mall) == (6, 4, 2)

    closed = mall.do(mall.stock.close_activity("sale"))

    assert (closed.said, closed.quantity) == (StockSaid.DONE, 4)
    assert mall.do(mall.stock.close_activity("sale")).said is StockSaid.ALREADY_DONE
    assert numbers(mall) == (10, 0, 2)
    refused = mall.place("2", ("tea", 1, "sale"))
    assert (refused.said, refused.reason.split(":")[0]) == (Said.REFUSED, "activity_not_open")

    mall.later(HOLD_S + 0.5)
    assert mall.do(mall.flow.sweep())
    assert mall.order("mall/1").state is OrderState.EXPIRED
    assert numbers(mall) == (12, 0, 0)
    assert not mall.do(mall.flow.sweep())
    assert numbers(mall) == (12, 0, 0)
