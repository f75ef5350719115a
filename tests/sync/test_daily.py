"""The scheduler counts once a period, whoever runs it, and tries again after trouble."""

import httpx

from inventory_core.sync.daily import Daily, Turn
from tests.sync.town import Town


def test_a_period_is_counted_once(town: Town) -> None:
    daily = Daily(town.sync)
    first: Turn = town.do(daily.turn())
    assert [(run.warehouse, run.state.value) for run in first.runs] == [
        ("east", "done"),
        ("west", "done"),
    ]
    assert town.do(daily.turn()) == Turn()


def test_every_turn_reads_the_feeds(town: Town) -> None:
    daily = Daily(town.sync)
    town.do(daily.turn())
    town.moves("receipts", "r", ("tea", 5))
    assert town.do(daily.turn()).movements == 1
    assert town.stock("tea") == (15, 0, 0)


def test_a_warehouse_that_is_gone_is_told_of_and_the_next_turn_counts_it(town: Town) -> None:
    daily = Daily(town.sync)
    transport = town.client._http._transport
    town.client._http._transport = _Deaf()
    gone: Turn = town.do(daily.turn())
    assert [code for code, _ in gone.troubles] == ["east", "west"]
    town.client._http._transport = transport
    assert [run.state.value for run in town.do(daily.turn()).runs] == ["done", "done"]


class _Deaf(httpx.BaseTransport):
    """A network that is down."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("the network is down", request=request)
