"""A backup warehouse is asked when every other one is out.

    tea        north   south   depot (backup)
    at first       6       4       10
    order 1: 10 units     6       4        -      both others are emptied
    order 2:  2 units     -       -        2      only now the depot ships

The depot stands in the same town as north, and is not asked before.
"""

from __future__ import annotations

from inventory_core.services.contract import OrderView, Said
from tests.services.mall import Mall


def test_the_backup_ships_only_what_no_other_has(mall: Mall) -> None:
    first, second = mall.place("1", ("tea", 10)), mall.place("2", ("tea", 2))

    assert pieces(first.order) == [("north", 6), ("south", 4)]
    assert pieces(second.order) == [("depot", 2)]
    assert [mall.at(code, "tea") for code in ("north", "south", "depot")] == [
        (6, 6),
        (4, 4),
        (10, 2),
    ]
    assert mall.sellable("tea") == 0
    assert mall.place("3", ("tea", 1)).said is Said.REFUSED  # the depot has 8, but not for the mall


def pieces(order: OrderView) -> list[tuple[str, int]]:
    """Who ships how much."""
    return [(one.warehouse, one.quantity) for one in order.allocations]
