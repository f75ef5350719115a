"""Warehouses are told once of what was paid; what one refuses, another ships."""

from __future__ import annotations

import httpx
import pytest

from inventory_core.services.contract import Said
from inventory_core.sync.daemon import Turns
from inventory_core.sync.daily import Daily
from inventory_core.sync.dispatching import Dispatching, Place
from inventory_core.sync.limits import SyncLimits
from inventory_core.sync.questions import WarehouseTrouble
from inventory_core.sync.synchronisation import Synchronisation
from tests.sync.town import Town, allocations


def refuse(town: Town, code: str = "east", refusing: bool = True) -> None:
    say = {"refusing": refusing, "reason": "closed for stocktaking"}
    assert town.system.put(f"/warehouses/{code}/refusing", json=say).status_code == 200


def test_a_paid_order_is_shipped_once(town: Town) -> None:
    town.buy("1", ("tea", 2))
    assert town.tell("1") == ["shipped"]
    assert town.tell("1") == []
    assert (town.lies("tea"), town.stock("tea")) == (8, (8, 0, 0))
    body = town.system.get("/warehouses/east/shipments/mall%2F1%23east%231.1").json()
    assert [each["sequence"] for each in body["movements"]] == [2]


def test_what_a_warehouse_refuses_another_ships(town: Town) -> None:
    town.buy("1", ("tea", 2))
    refuse(town)
    assert town.tell("1") == ["redispatched", "shipped"]
    assert town.do(allocations("mall/1")) == [("east", 2, "refused"), ("west", 2, "shipped")]
    assert (town.stock("tea"), town.stock("tea", "west")) == ((10, 0, 0), (2, 0, 0))
    assert (town.lies("tea"), town.lies("tea", "west")) == (10, 2)
    town.law("tea")


def test_what_nobody_else_can_ship_stays_promised_and_is_told_again(town: Town) -> None:
    town.buy("1", ("tea", 5))
    refuse(town)
    assert town.tell("1") == ["undispatchable"]
    assert town.stock("tea") == (10, 5, 0)
    town.moves("receipts", "more", ("tea", 1), code="west")
    town.do(town.sync.read_feed("west"))
    assert town.tell("1") == ["redispatched", "shipped"]
    assert (town.lies("tea"), town.lies("tea", "west")) == (10, 0)
    town.law("tea")


def test_a_shelf_that_is_emptier_than_we_believe_refuses(town: Town) -> None:
    town.buy("1", ("tea", 2))
    town.moves("adjustments", "fire", ("tea", -9))
    assert town.tell("1") == ["redispatched", "shipped"]
    assert (town.lies("tea"), town.lies("tea", "west")) == (1, 2)


def test_a_shelf_that_is_fuller_than_we_believe_is_caught_up_with(town: Town) -> None:
    town.buy("1", ("tea", 2))
    town.do(town.flow.dispatch("mall/1"))
    town.moves("adjustments", "fire", ("tea", -10))
    town.do(town.sync.read_feed("east"))
    assert town.stock("tea")[:2] == (0, 2)
    town.moves("receipts", "found", ("tea", 7))
    assert town.tell("1") == ["shipped"]
    assert (town.lies("tea"), town.stock("tea")[:2]) == (5, (5, 0))
    town.law("tea")


def test_a_turn_tells_of_every_paid_order_and_of_no_other(town: Town) -> None:
    for number in ("1", "2", "3"):
        town.buy(number, ("tea", 1))
    told, place = town.do(town.dispatching.turn("east"))
    assert [one.order_id for one in told] == ["mall/1", "mall/2", "mall/3"]
    assert place == Place()
    assert town.do(town.dispatching.turn("east")) == ((), Place())
    assert (town.lies("tea"), town.stock("tea")) == (7, (7, 0, 0))


def test_a_warehouse_that_does_not_answer_is_asked_once_in_a_turn(town: Town) -> None:
    town.buy("1", ("tea", 1))
    town.buy("2", ("tea", 1))
    town.client._http._transport = _Deaf()
    told, _ = town.do(town.dispatching.turn("east"))
    assert [(one.order_id, one.said) for one in told] == [("mall/1", None)]
    assert "does not answer" in told[0].reason


def test_a_turn_tells_its_own_warehouse_alone(town: Town) -> None:
    town.buy("1", ("tea", 2))
    refuse(town)
    told, _ = town.do(town.dispatching.turn("east"))
    assert [(one.warehouse, one.said) for one in told] == [("east", Said.REDISPATCHED)]
    assert town.do(town.dispatching.turn("east")) == ((), Place())
    told, _ = town.do(town.dispatching.turn("west"))
    assert [(one.warehouse, one.said) for one in told] == [("west", Said.SHIPPED)]


def test_a_turn_goes_on_behind_the_last_and_begins_again_at_the_front(town: Town) -> None:
    dispatching = Dispatching(town.flow, Synchronisation(town.sync.stock, SyncLimits(orders=2)))
    for number in ("1", "2", "3"):
        town.buy(number, ("tea", 1))
    told, place = town.do(dispatching.turn("east"))
    assert ([one.order_id for one in told], place.order_id) == (["mall/1", "mall/2"], "mall/2")
    told, place = town.do(dispatching.turn("east", place))
    assert ([one.order_id for one in told], place) == (["mall/3"], Place())


def test_a_turn_in_which_nothing_could_be_shipped_is_trouble(town: Town) -> None:
    turns = Turns("east", Daily(town.sync), town.dispatching)
    town.buy("1", ("tea", 5))
    refuse(town)
    with pytest.raises(WarehouseTrouble, match="closed for stocktaking"):
        town.do(turns.dispatch())
    town.moves("receipts", "more", ("tea", 1), code="west")
    town.do(town.sync.read_feed("west"))
    assert town.do(turns.dispatch())  # to the west
    assert not town.do(turns.dispatch())


class _Deaf(httpx.BaseTransport):
    """A network that is down."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("the network is down", request=request)
