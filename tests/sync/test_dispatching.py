"""Warehouses are told once of what was paid; what one refuses, another ships."""

from __future__ import annotations

import httpx

from inventory_core.sync.dispatching import Place
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
    told, place = town.do(town.dispatching.turn())
    assert [one.order_id for one in told] == ["mall/1", "mall/2", "mall/3"]
    assert place == Place()
    assert town.do(town.dispatching.turn()) == ((), Place())
    assert (town.lies("tea"), town.stock("tea")) == (7, (7, 0, 0))


def test_a_warehouse_that_does_not_answer_is_asked_once_in_a_turn(town: Town) -> None:
    town.buy("1", ("tea", 1))
    town.buy("2", ("tea", 1))
    town.client._http._transport = _Deaf()
    told, _ = town.do(town.dispatching.turn())
    assert [(one.order_id, one.said) for one in told] == [("mall/1", None)]
    assert "does not answer" in told[0].reason


class _Deaf(httpx.BaseTransport):
    """A network that is down."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("the network is down", request=request)
