"""A plan is killed at each of its awaits, and begun again by another process: one effect."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete

from inventory_core.steps import Plan
from inventory_core.steps.errors import StepError
from inventory_core.sync.questions import Question, WarehouseTrouble
from inventory_core.sync.warehouse_client import WarehouseClient
from scenarios.model import model_place
from tests.sync.conftest import HURRIED, LIMITS
from tests.sync.town import Town, build, give_to_channel
from warehouse_system.api import application
from warehouse_system.database import Database
from warehouse_system.schema import metadata
from warehouse_system.shelves import Order, carry_out, open_warehouse
from warehouse_system.wire import Kind

STEPS_MOST = 500  # every third is tried, beginning elsewhere when its effect was heard of


class Killed(Exception):
    """The process is no more."""


def killed_after(town: Town, plan: Plan[Any], steps: int, heard: bool) -> bool:
    """Kill the process at its n-th step (with `heard`, after it took effect); False: it ended."""
    asked = 0

    def perform(step: Any) -> Any:
        nonlocal asked
        asked += 1
        last = asked > steps
        if last and not heard:
            raise Killed
        answer = town.ask(step) if isinstance(step, Question) else town.session.perform(step)
        if last:
            raise Killed
        return answer

    try:
        _carry(plan, perform)
    except Killed:
        town.session.reset()
        return True
    return False


def _carry(plan: Plan[Any], perform: Callable[[Any], Any]) -> None:
    """As the blocking driver, but that a killed process does not close its plan."""
    try:
        step = plan.send(None)
        while True:
            try:
                answer = perform(step)
            except (StepError, WarehouseTrouble) as error:
                step = plan.throw(error)
            else:
                step = plan.send(answer)
    except StopIteration:
        return
    except Killed:
        plan.close()
        raise


@pytest.fixture
def found(tmp_path: Path) -> Iterator[Callable[[], Town]]:
    """Founds a fresh town on the model, again and again, over one warehouse system."""
    database = Database(tmp_path / "system.db")
    with TestClient(application(database)) as system:
        client = WarehouseClient("", HURRIED, transport=system._transport)

        def founded() -> Town:
            with database.writing() as connection:
                for table in reversed(metadata.sorted_tables):
                    connection.execute(delete(table))
                for code, units in (("east", 10), ("west", 4)):
                    open_warehouse(connection, code)
                    lines = [("tea", units)]
                    carry_out(connection, Order.of(code, Kind.RECEIPT, "opening", lines))
            town = Town(model_place().connect, client, system, LIMITS)
            town.carry(build("http://testserver"))
            for code in ("east", "west"):
                town.do(town.sync.read_feed(code))
            town.carry(give_to_channel("tea", 6))
            town.buy("1", ("tea", 2))
            return town

        yield founded
        client.close()
    database.close()


@pytest.mark.slow
@pytest.mark.parametrize("heard", [False, True])
@pytest.mark.parametrize("refusing", [False, True])
def test_whoever_tells_a_warehouse_may_die_anywhere(
    found: Callable[[], Town], heard: bool, refusing: bool
) -> None:
    for steps in range(int(heard), STEPS_MOST, 3):
        town = found()
        if refusing:
            say = {"refusing": True, "reason": "closed"}
            town.system.put("/warehouses/east/refusing", json=say)
        died = killed_after(town, town.dispatching.one("mall/1"), steps, heard)
        town.settle()
        town.tell("1")
        there = "west" if refusing else "east"
        assert town.lies("tea") + town.lies("tea", "west") == 12, f"killed at {steps}"
        assert town.stock("tea", there)[:2] == ({"west": 2, "east": 8}[there], 0), steps
        assert town.lies("tea", there) == {"west": 2, "east": 8}[there], steps
        town.law("tea")
        if not died:
            assert steps > 15
            return
    raise AssertionError(f"there are more than {STEPS_MOST} steps")


@pytest.mark.slow
@pytest.mark.parametrize("heard", [False, True])
def test_whoever_counts_may_die_anywhere(found: Callable[[], Town], heard: bool) -> None:
    for steps in range(int(heard), STEPS_MOST, 3):
        town = found()
        town.moves("receipts", "new", ("cup", 3), ("pot", 2))
        town.moves("adjustments", "broken", ("tea", -1))
        died = killed_after(town, town.sync.full("east", "count"), steps, heard)
        town.do(town.sync.resume(town.do(town.sync.under_way())))
        ended = town.run("count")
        if ended is not None and ended.state.value == "done":
            assert (ended.staged, ended.applied, ended.stale) == (3, 3, 0), f"killed at {steps}"
            assert (town.stock("tea")[:2], town.stock("cup")[0]) == ((9, 2), 3), steps
        else:
            assert died, steps
            assert (town.stock("tea")[:2], town.stock("cup")[0]) == ((10, 2), 0), steps
            assert town.do(town.sync.full("east", "again")).state.value == "done"
            assert (town.stock("tea")[:2], town.stock("cup")[0]) == ((9, 2), 3), steps
        for sku in ("tea", "cup", "pot"):
            town.law(sku)
        if not died:
            assert steps > 30
            return
    raise AssertionError(f"there are more than {STEPS_MOST} steps")
