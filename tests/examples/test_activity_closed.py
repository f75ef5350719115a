"""An activity closes while somebody holds and has not paid.

Six tea are set aside, Ann holds 2. At the close the other 4 return to the channel: 6 + 4 = 10. Ann
does not pay: her 2 return to the channel too, never to the closed activity. It has 12 again, once.
"""

from inventory_core.records import OrderState
from inventory_core.services.contract import Said
from inventory_core.services.stock_answers import StockSaid
from tests.examples.test_limit_per_buyer import open_sale
from tests.services.mall import Mall


def test_the_remainder_and_late_units_return_to_the_channel_once(timed_mall: Mall) -> None:
    mall = timed_mall
    open_sale(mall)
    mall.place("1", ("tea", 2, "sale"))
    assert mall.do(mall.stock.close_activity("sale")).said is StockSaid.DONE
    assert mall.do(mall.stock.close_activity("sale")).said is StockSaid.ALREADY_DONE
    assert (mall.sellable("tea"), mall.sellable("tea", "activity:sale")) == (10, 0)
    refused = mall.place("2", ("tea", 1, "sale"))
    assert (refused.said, refused.reason.split(":")[0]) == (Said.REFUSED, "activity_not_open")
    mall.later(11.0)
    mall.do(mall.flow.sweep())
    assert mall.order("mall/1").state is OrderState.EXPIRED
    assert (mall.sellable("tea"), mall.sellable("tea", "activity:sale")) == (12, 0)
    assert mall.do(mall.stock.audit()) == ()
