"""The scheduler counts once a period, whoever runs it, and tries again after trouble."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from inventory_core.records import SyncRun, SyncState, Warehouse
from inventory_core.steps import rows, sql
from inventory_core.sync.daemon import in_need
from inventory_core.sync.daily import Daily, Turn
from inventory_core.sync.questions import WarehouseGone
from tests.sync.town import Town


def states(turn: Turn) -> list[tuple[str, str]]:
    return [(run.warehouse, run.state.value) for run in turn.runs]


def test_a_period_is_counted_once(town: Town) -> None:
    daily = Daily(town.sync)
    for code in ("east", "west"):
        assert states(town.do(daily.turn(code))) == [(code, "done")]
        assert town.do(daily.turn(code)) == Turn()


def test_every_turn_reads_the_feed(town: Town) -> None:
    daily = Daily(town.sync)
    town.do(daily.turn("east"))
    town.moves("receipts", "r", ("tea", 5))
    assert town.do(daily.turn("west")).movements == 0
    assert town.do(daily.turn("east")).movements == 1
    assert town.stock("tea") == (15, 0, 0)


def test_a_day_begins_at_the_midnight_of_the_warehouse(town: Town) -> None:
    minute = town.do(_now()) // 60_000 % 1_440
    town.carry(_changed("east", utc_offset_min=1_445 - minute))  # five past midnight
    town.carry(_changed("west", utc_offset_min=1_435 - minute))  # five to
    runs = [town.do(Daily(town.sync).turn(code)).runs[0].run for code in ("east", "west")]
    today, yesterday = (int(run.split("-")[2]) for run in runs)
    assert today == yesterday + 1


def test_a_run_that_goes_on_by_itself_is_left_alone(town: Town) -> None:
    daily = Daily(town.sync)
    town.do(daily.turn("east"))
    going = SyncRun("by hand", "east", "", SyncState.APPLYING, town.do(_now()), staged=2)
    town.carry(_begun(going))
    seen: Turn = town.do(daily.turn("east", Turn()))
    assert (seen.runs, seen.under_way) == ((), (going,))
    town.carry(_put(further := replace(going, applied=1)))
    seen = town.do(daily.turn("east", seen))
    assert (seen.runs, seen.under_way) == ((), (further,))
    seen = town.do(daily.turn("east", seen))  # it stands still: whoever was at it is gone
    assert (states(seen), seen.under_way) == ([("east", "done")], ())


def test_a_run_of_a_warehouse_that_has_no_system_any_more_is_finished(town: Town) -> None:
    town.carry(_begun(SyncRun("left", "east", "", SyncState.APPLYING, town.do(_now()))))
    town.carry(_changed("east", system_url=""))
    assert town.do(in_need(town.sync)) == {"east", "west"}
    assert states(town.do(Daily(town.sync).turn("east"))) == [("east", "done")]
    assert town.do(in_need(town.sync)) == {"west"}


def test_a_warehouse_that_is_gone_is_told_of_and_the_next_turn_counts_it(town: Town) -> None:
    daily = Daily(town.sync)
    transport = town.client._http._transport
    town.client._http._transport = _Deaf()
    with pytest.raises(WarehouseGone, match="does not answer"):
        town.do(daily.turn("east"))
    town.client._http._transport = transport
    assert states(town.do(daily.turn("east"))) == [("east", "done")]


async def _now() -> int:
    return await rows.StoreClock()


async def _begun(run: SyncRun) -> None:
    await rows.Insert(run)


async def _put(row: Any) -> None:
    async with sql.transaction():
        await rows.Put(row)


async def _changed(code: str, **values: object) -> None:
    warehouse = await rows.Get(Warehouse, (code,))
    assert warehouse is not None
    await _put(replace(warehouse, **values))  # type: ignore[arg-type]


class _Deaf(httpx.BaseTransport):
    """A network that is down."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("the network is down", request=request)
