"""Counts and shipments in every order of arrival, with exact numbers."""

from dataclasses import replace

import pytest

from inventory_core.problems import Problem
from inventory_core.records import Entry, StagedCount, SyncRun, SyncState, WarehouseStock
from inventory_core.services.confirming import confirm_counts
from inventory_core.services.counting import Count
from inventory_core.services.stock_management import StockManagement
from inventory_core.steps import rows, sql
from inventory_core.sync import staging
from inventory_core.sync.contract import find_at
from inventory_core.sync.questions import TellToShip
from inventory_core.sync.synchronisation import Synchronisation
from tests.sync.town import ENGINES, Town, allocations, movements


def staged(town: Town, run: str) -> None:
    """Bring all pages of a count in, and apply none of it."""

    async def plan() -> SyncRun:
        await staging.begin(run, "east")
        return await staging.stage_all(run, await find_at("east"), town.limits)

    assert town.do(plan()).state is SyncState.APPLYING


def apply(town: Town, run: str) -> SyncRun:
    """Apply what was staged."""
    ended: SyncRun = town.do(town.sync.apply(town.run(run)))
    return ended


def figures(run: SyncRun) -> tuple[str, int, int, int, int]:
    return (run.state.value, run.applied, run.changed, run.stale, run.absent)


def test_the_feed_brings_stock_in(town: Town) -> None:
    assert town.stock("tea") == (10, 0, 0)
    assert (town.sellable("tea"), town.unassigned("tea")) == (6, 8)
    assert town.do(town.sync.read_feed("east")) == 0
    town.law("tea")


def test_a_full_count_that_agrees_changes_nothing(town: Town) -> None:
    assert figures(town.do(town.sync.full("east"))) == ("done", 1, 0, 0, 0)
    assert town.stock("tea") == (10, 0, 0)


def test_a_count_taken_before_a_shipment_and_applied_after_brings_nothing_back(
    town: Town,
) -> None:
    staged(town, "early")
    town.buy("1", ("tea", 2))
    assert town.stock("tea") == (10, 2, 0)
    assert town.tell("1") == ["shipped"]
    assert figures(apply(town, "early")) == ("done", 1, 0, 0, 0)
    assert town.stock("tea") == (8, 0, 0)
    assert (town.lies("tea"), town.sellable("tea")) == (8, 4)
    town.law("tea")


def test_a_shipment_confirmed_after_the_count_that_contains_it_is_not_taken_twice(
    town: Town,
) -> None:
    town.buy("1", ("tea", 2))
    town.do(town.flow.dispatch("mall/1"))
    at = town.do(find_at("east"))
    town.ask(TellToShip(at, "mall/1#east#1.1", (("tea", 2),)))  # and whoever asked has died
    assert (town.lies("tea"), town.stock("tea")) == (8, (10, 2, 0))
    assert figures(town.do(town.sync.full("east"))) == ("done", 1, 0, 0, 0)
    assert town.stock("tea") == (10, 2, 0)
    assert town.do(movements("east")) == [(1, "receipt", 10, True), (2, "shipment", -2, False)]
    assert town.tell("1") == ["shipped"]
    assert (town.lies("tea"), town.stock("tea")) == (8, (8, 0, 0))
    town.law("tea")


def test_a_receipt_between_a_count_and_its_application_is_kept(town: Town) -> None:
    staged(town, "early")
    town.moves("receipts", "r", ("tea", 5))
    town.do(town.sync.read_feed("east"))
    assert town.stock("tea") == (15, 0, 0)
    assert figures(apply(town, "early")) == ("done", 1, 0, 0, 0)
    assert (town.stock("tea"), town.unassigned("tea")) == ((15, 0, 0), 13)
    town.law("tea")


def test_a_receipt_that_nobody_has_read_comes_with_the_count(town: Town) -> None:
    town.moves("receipts", "r", ("tea", 5), ("cup", 3))
    assert figures(town.do(town.sync.full("east"))) == ("done", 2, 0, 0, 0)
    assert (town.stock("tea"), town.stock("cup")) == ((15, 0, 0), (3, 0, 0))
    assert town.do(movements("east"))[1:] == [(2, "receipt", 3, True), (3, "receipt", 5, True)]


def test_an_older_count_after_a_newer_one_is_refused(town: Town) -> None:
    staged(town, "old")
    town.moves("adjustments", "broken", ("tea", -1))
    assert figures(town.do(town.sync.full("east", "new"))) == ("done", 1, 0, 0, 0)
    assert town.stock("tea") == (9, 0, 0)
    assert figures(apply(town, "old")) == ("done", 1, 0, 1, 0)
    assert town.stock("tea") == (9, 0, 0)
    town.law("tea")


def test_an_article_that_a_full_count_does_not_name_is_reported_and_left_alone(
    town: Town,
) -> None:
    town.carry(_known("pot", 3))
    ended = town.do(town.sync.full("east"))
    assert figures(ended) == ("done", 1, 0, 0, 1)
    assert town.stock("pot") == (3, 0, 0)
    assert town.do(town.sync.absent(ended.run)) == ("pot",)
    assert figures(town.do(town.sync.one("east", "pot"))) == ("done", 0, 0, 0, 1)
    assert town.stock("pot") == (3, 0, 0)


async def _known(sku: str, units: int) -> None:
    await rows.Insert(WarehouseStock(sku, "east", units))


def test_a_count_of_zero_empties_the_shelf_and_takes_promises_back(town: Town) -> None:
    town.moves("adjustments", "fire", ("tea", -10))
    town.do(town.sync.full("east"))
    assert (town.lies("tea"), town.stock("tea")) == (0, (0, 0, 0))
    assert town.sellable("tea") + town.unassigned("tea") == 4
    town.law("tea")


def test_one_article_is_counted_on_demand(town: Town) -> None:
    town.moves("receipts", "r", ("tea", 5), ("cup", 3))
    ended = town.do(town.sync.one("east", "tea", "mine"))
    assert figures(ended) == ("done", 1, 0, 0, 0)
    assert town.stock("tea") == (15, 0, 0)
    again = town.do(town.sync.one("east", "tea", "mine"))
    assert again == ended


def test_a_full_run_under_a_name_that_was_used_is_not_begun_again(town: Town) -> None:
    first = town.do(town.sync.full("east", "monday"))
    town.moves("receipts", "r", ("tea", 5))
    assert town.do(town.sync.full("east", "monday")) == first
    assert town.stock("tea") == (10, 0, 0)


def test_the_staged_counts_of_runs_that_are_over_are_forgotten(town: Town) -> None:
    staged(town, "a")
    apply(town, "a")
    town.do(_aged("a"))
    town.do(town.sync.full("east", "b"))
    assert [one.run for one in town.do(_staged())] == ["b"]
    assert town.run("a").state is SyncState.DONE


async def _aged(run: str) -> None:
    now = await rows.Get(SyncRun, (run,))
    assert now is not None
    await rows.Put(type(now)(run, "east", "", now.state, now.started_ms - 5_000))


async def _staged() -> tuple[StagedCount, ...]:
    return await rows.Select(StagedCount)


def test_a_line_split_over_two_warehouses_is_shipped_by_both(town: Town) -> None:
    town.moves("adjustments", "broken", ("tea", -8))
    town.do(town.sync.full("east"))
    town.buy("1", ("tea", 4))
    assert sorted(town.tell("1")) == ["part_shipped", "shipped"]
    assert town.do(allocations("mall/1")) == [("east", 2, "shipped"), ("west", 2, "shipped")]
    assert (town.stock("tea"), town.stock("tea", "west")) == ((0, 0, 0), (2, 0, 0))
    assert (town.lies("tea"), town.lies("tea", "west")) == (0, 2)
    town.law("tea")


@pytest.mark.parametrize("verb", ["full", "one"])
def test_a_warehouse_without_a_system_is_a_problem(town: Town, verb: str) -> None:
    plan = town.sync.full("north") if verb == "full" else town.sync.one("north", "tea")
    with pytest.raises(Problem, match="no warehouse 'north'"):
        town.do(plan)


def test_a_unit_that_nobody_wrote_down_breaks_the_law(town: Town) -> None:
    town.law("tea")
    town.carry(_leaked())
    with pytest.raises(AssertionError, match="15 lie there, 14 are promised or free"):
        town.law("tea")


async def _leaked() -> None:
    await rows.Add(WarehouseStock, ("tea", "east"), (("physical", 1),))


def test_adjustments_between_a_count_and_its_application_are_kept(town: Town) -> None:
    staged(town, "early")
    town.moves("adjustments", "found", ("tea", 4))
    town.moves("adjustments", "broken", ("tea", -1))
    town.do(town.sync.read_feed("east"))
    assert figures(apply(town, "early")) == ("done", 1, 0, 0, 0)
    assert (town.stock("tea"), town.lies("tea"), town.unassigned("tea")) == ((13, 0, 0), 13, 11)
    town.law("tea")


def test_a_count_that_agrees_notes_its_movement_and_writes_no_entry(town: Town) -> None:
    before = town.do(entries("tea"))
    town.moves("receipts", "elsewhere", ("cup", 1))
    town.do(town.sync.full("east"))
    assert town.do(entries("tea")) == before
    shelf = town.do(_got_shelf("tea"))
    assert (shelf.physical, shelf.counted_through) == (10, 2)


def test_a_batch_waits_for_no_shelf_that_somebody_has(town: Town) -> None:
    counts = [Count("east", "cup", 3, 2), Count("east", "tea", 10, 2)]
    town.moves("receipts", "r", ("cup", 3))
    town.do(town.sync.read_feed("east"))
    buyer = town.connect()
    buyer.perform(sql.Begin())
    buyer.perform(rows.Lock(WarehouseStock, ("tea", "east")))
    assert town.do(_confirmed(counts)) == {"cup"}
    buyer.perform(sql.Rollback())
    assert town.do(_confirmed(counts)) == {"cup", "tea"}


def test_a_batch_confirms_only_what_agrees_and_is_not_older(town: Town) -> None:
    assert town.do(_confirmed([Count("east", "tea", 9, 1)])) == frozenset()
    assert town.do(_confirmed([Count("east", "new", 0, 1)])) == frozenset()  # no such shelf
    assert town.do(_confirmed([Count("east", "tea", 10, 3)])) == {"tea"}
    assert town.do(_confirmed([Count("east", "tea", 10, 2)])) == frozenset()
    assert town.stock("tea") == (10, 0, 0)


async def _confirmed(counts: list[Count]) -> frozenset[str]:
    async with sql.transaction():
        return await confirm_counts("count:test", counts)


async def _got_shelf(sku: str) -> WarehouseStock | None:
    return await rows.Get(WarehouseStock, (sku, "east"))


async def entries(sku: str) -> tuple[Entry, ...]:
    return await rows.Select(Entry, (("sku", "=", sku),))


def test_a_feed_longer_than_one_turn_is_read_before_counts_are_applied(town: Town) -> None:
    for number in range(7):
        town.moves("receipts", f"r{number}", ("cup", 1))
    hurried = replace(town.limits, page=2, feed_pages=1)
    sync = Synchronisation(StockManagement(ENGINES), hurried)
    assert figures(town.do(sync.full("east"))) == ("done", 2, 0, 0, 0)
    assert len(town.do(movements("east"))) == 8
    assert town.stock("cup") == (7, 0, 0)
    town.law("cup")
