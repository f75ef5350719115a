"""Units go from one channel to another, all of them or none, once for a key.

The mall may sell 12 tea and the street 5. Four go to the street: 8 and 9. The same key again
changes nothing; twenty are more than there are, and nothing moves.
"""

from inventory_core.services.stock_answers import StockSaid
from tests.services.mall import Mall


def test_units_change_their_channel(mall: Mall) -> None:
    def transfer(key: str, units: int) -> StockSaid:
        said: StockSaid = mall.do(mall.stock.transfer(key, "tea", "mall", "street", units)).said
        return said

    assert transfer("t1", 4) is StockSaid.DONE
    assert transfer("t1", 4) is StockSaid.ALREADY_DONE
    assert (mall.sellable("tea"), mall.sellable("tea", "channel:street")) == (8, 9)
    assert transfer("t2", 20) is StockSaid.NOT_ENOUGH
    assert (mall.sellable("tea"), mall.sellable("tea", "channel:street")) == (8, 9)
    assert mall.do(mall.stock.audit()) == ()
