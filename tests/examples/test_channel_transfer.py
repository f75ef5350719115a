"""A channel transfer: units go from one channel to another, all of them or none, once for a key.

    tea                            mall   street   unassigned
    at first                         12        5            3
    4 go to the street (key t1)       8        9            3
    the same again (key t1)           8        9            3     already done
    20 more (key t2)                  8        9            3     not enough: nothing moves

No warehouse notices: 20 units lie where they lay.
"""

from __future__ import annotations

from inventory_core.services.stock_answers import StockSaid
from tests.services.mall import Mall


def numbers(mall: Mall) -> tuple[int, int, int]:
    """Tea in the mall, in the street, and unassigned."""
    survey = mall.do(mall.stock.stock_of("tea"))
    assert survey.physical == 20
    return (
        mall.sellable("tea"),
        mall.sellable("tea", "channel:street"),
        survey.stored.unassigned,
    )


def test_units_change_their_channel_once(mall: Mall) -> None:
    def transfer(key: str, units: int) -> StockSaid:
        said: StockSaid = mall.do(mall.stock.transfer(key, "tea", "mall", "street", units)).said
        return said

    assert numbers(mall) == (12, 5, 3)
    assert transfer("t1", 4) is StockSaid.DONE
    assert numbers(mall) == (8, 9, 3)
    assert transfer("t1", 4) is StockSaid.ALREADY_DONE
    assert transfer("t1", 5) is StockSaid.MISMATCHED
    assert numbers(mall) == (8, 9, 3)
    assert transfer("t2", 20) is StockSaid.NOT_ENOUGH
    assert numbers(mall) == (8, 9, 3)
