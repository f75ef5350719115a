"""CSV out of one service and into another: the same bytes, each line once, whoever dies."""

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory_core.drivers import carry_out
from inventory_core.problems import Problem
from inventory_core.records import (
    Act,
    DeductAt,
    Entry,
    Restriction,
    RestrictionKind,
    Warehouse,
    WarehouseKind,
)
from inventory_core.services.csv_report import CsvReport, CsvSaid
from inventory_core.services.csv_tables import TABLES
from inventory_core.steps import rows
from inventory_core.strategy import registry
from scenarios.model import model_place
from scenarios.model.crowd import together
from tests.engines import ENGINES
from tests.services.histories import VERBS, Deed, bursts, complained
from tests.services.mall import Mall, furnish
from tests.services.test_law import Leak, at_rest
from tests.services.test_stock_management import abandoned

ANY = list(HealthCheck)
PHYSICAL = "warehouse,sku,physical\n"
SELLABLE = "channel,sku,sellable\n"
STEPS_MOST = 400


def fresh(engine: str = "conditional_update", *, furnished: bool = True) -> tuple[Any, Mall]:
    """A mall, or an empty service, on a model of its own; and that model."""
    place = model_place()
    engines = {engine: registry.make(engine)}
    mall = Mall(engines, place.connect, place.sleep, place.connect())
    if furnished:
        mall.do(furnish(engines, DeductAt.ORDER, 900))
    return place, mall


def out(mall: Mall) -> dict[str, str]:
    """Every table."""
    return {what: mall.do(mall.stock.export_csv(what)) for what in TABLES}


def bring(mall: Mall, what: str, text: str, key: str = "k", *, dry_run: bool = False) -> CsvReport:
    report: CsvReport = mall.do(mall.stock.import_csv(what, text, key, dry_run=dry_run))
    return report


def copied(tables: dict[str, str], engine: str = "conditional_update") -> Mall:
    """An empty service into which every table was brought."""
    _, mall = fresh(engine, furnished=False)
    for what, text in tables.items():
        report = bring(mall, what, text, f"copy-{what}")
        assert (report.said, report.refused) == (CsvSaid.DONE, ()), report
    return mall


def lawful(mall: Mall) -> bool:
    """Is everything at rest, and the law kept?"""
    return bool(mall.do(mall.stock.audit()) == ())


# ------------------------------------------------------------------------------------- round trip

words = st.text("=+-@'\",;\uff1d az", max_size=6)
codes = st.from_regex("[A-Za-z0-9][A-Za-z0-9._:-]{0,5}", fullmatch=True)
unit = st.integers(0, 9)
GIVES = ("receive", "assign", "withdraw", "transfer", "adjust_physical", "movement")


async def _more(warehouses: list[Warehouse], restrictions: list[Restriction]) -> None:
    for row in (*warehouses, *restrictions):
        await rows.Insert(row)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["conditional_update", "redis_script"])
def test_an_empty_service_exports_what_it_imported_byte_for_byte(engine: str) -> None:
    @settings(max_examples=25, deadline=None, suppress_health_check=ANY, print_blob=True)
    @given(
        bursts({verb: VERBS[verb] for verb in GIVES}),
        st.lists(st.builds(
            Warehouse, codes, words, st.sampled_from(WarehouseKind), st.just("=e/w"),
            st.booleans(), utc_offset_min=st.integers(-840, 840),
        ), max_size=4),
        st.lists(st.builds(
            Restriction, codes, st.just(RestrictionKind.STOP_SHIP), reason=words
        ), max_size=4),
    )  # fmt: skip
    def after(history: Any, warehouses: Any, restrictions: Any) -> None:
        _, mall = fresh(engine)
        mall.do(_more(warehouses, restrictions))
        for deed in (deed for burst in history for deed in burst):
            mall.do(complained(VERBS[deed.verb](mall, deed)))
        at_rest(mall)
        if mall.do(mall.stock.shortfalls()):
            return  # a channel has more than there is; no other service could take it over
        tables = out(mall)
        copy = copied(tables, engine)
        assert out(copy) == tables
        assert lawful(copy)
        for what, text in tables.items():
            assert bring(copy, what, text, f"again-{what}").unchanged == text.count("\r\n") - 1
        assert out(copy) == tables

    after()


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_takes_a_mall_over(engine: str) -> None:
    _, mall = fresh(engine)
    tables = out(mall)
    copy = copied(tables, engine)
    assert out(copy) == tables
    assert lawful(copy)
    assert copy.place("1", ("tea", 3)).said.value == "placed"


# -------------------------------------------------------------------------------- what a file does


def test_a_shelf_becomes_the_number_and_the_law_holds() -> None:
    _, mall = fresh()
    text = PHYSICAL + "north,tea,9\ndepot,tea,0\nsouth,cup,4\n"
    report = bring(mall, "physical", text)
    assert (report.said, report.changed, report.unchanged) == (CsvSaid.DONE, 2, 1)
    assert [mall.at(one, "tea")[0] for one in ("north", "south", "depot")] == [9, 4, 0]
    assert mall.sellable("tea") + mall.sellable("tea", "channel:street") == 13  # 4 taken back
    assert lawful(mall)
    assert bring(mall, "physical", text).said is CsvSaid.ALREADY_DONE
    assert bring(mall, "physical", text + "north,cup,1\n").said is CsvSaid.MISMATCHED
    assert bring(mall, "sellable", text).said is CsvSaid.MISMATCHED


def test_units_go_from_one_channel_to_another_in_one_file() -> None:
    _, mall = fresh()
    text = SELLABLE + "street,tea,12\nmall,tea,6\nmall,pot,3\nstreet,cup,0\n"
    would = bring(mall, "sellable", text, dry_run=True)
    assert [one.line for one in would.refused] == [4]
    assert [(one.before, one.after) for one in would.changes] == [
        ("sellable=5", "sellable=12"),
        ("sellable=12", "sellable=6"),
    ]
    report = bring(mall, "sellable", text)
    assert (report.said, report.changed, report.unchanged) == (CsvSaid.DONE, 2, 1)
    assert [(one.line, one.sentence.split(";")[0]) for one in report.refused] == [
        (4, "unassigned has fewer than 1 of pot")
    ]
    assert (mall.sellable("tea"), mall.sellable("tea", "channel:street")) == (6, 12)
    assert lawful(mall)
    again = bring(mall, "sellable", text)
    assert (again.said, again.refused) == (CsvSaid.ALREADY_DONE, report.refused)


@pytest.mark.parametrize("what", TABLES)
def test_a_dry_run_writes_nothing(what: str) -> None:
    _, mall = fresh()
    before, text = out(mall), out(mall)[what].replace("480,0", "480,5").replace(",4\r", ",5\r")
    text = text.replace("mall,tea,12", "mall,tea,11").replace("mall,mall", "mall,Mall")
    written: list[Any] = []

    def watched(step: Any) -> Any:
        if isinstance(step, rows.Insert | rows.Put | rows.Add | rows.InsertAll):
            written.append(step)
        return mall.session.perform(step)

    plan = mall.stock.import_csv(what, text, "k", dry_run=True)
    report = carry_out(plan, watched)
    assert report.said is CsvSaid.WOULD
    assert (report.changed > 0) is (text != before[what])
    assert written == []
    assert out(mall) == before
    assert (
        bring(mall, what, text).changed == report.changed
    )  # the key is free, and it told the truth


WRONG = {
    "physical": (PHYSICAL + "west,tea,1\n", "there is no warehouse west; add it first"),
    "sellable": (SELLABLE + "shop,tea,1\n", "there is no channel shop; add it first"),
    "services": (
        "warehouse,region,rank,transit_days,parcel_cost_cents\nwest,east,1,1,0\n",
        "there is no warehouse west; add it first",
    ),
}
CHANNELS = "code,name,engine,deduct_at,hold_s,sourcing,may_split,reclaim,active\n"


@pytest.mark.parametrize("what", WRONG)
def test_a_name_that_is_not_here_is_wrong_and_the_key_stays_free(what: str) -> None:
    _, mall = fresh()
    before, (text, sentence) = out(mall), WRONG[what]
    report = bring(mall, what, text)
    assert (report.said, report.changed) == (CsvSaid.WRONG, 0)
    assert [(one.line, one.sentence) for one in report.wrong] == [(2, sentence)]
    assert out(mall) == before
    assert bring(mall, what, before[what]).said is CsvSaid.DONE


def test_a_channel_names_an_engine_and_a_sourcing_that_are_here_and_keeps_its_engine() -> None:
    _, mall = fresh()
    other = {"single_row": registry.make("conditional_update")}
    mall.engines = {**mall.engines, **other}
    text = CHANNELS + "new,N,magic,order,900,nearest,true,0,true\n"
    text += "new2,N,single_row,order,900,luck,true,0,true\n"
    text += "mall,M,single_row,order,900,nearest,true,0,true\n"
    sentences = [one.sentence for one in bring(mall, "channels", text).wrong]
    assert "no engine 'magic' here; choose among conditional_update" in sentences[0]
    assert "no sourcing 'luck' here; choose among" in sentences[1]
    assert sentences[2].startswith("channel mall sells by conditional_update; write that here")


def test_a_table_and_a_key_that_cannot_be_are_problems() -> None:
    _, mall = fresh()
    with pytest.raises(Problem, match="choose among warehouses, services"):
        bring(mall, "orders", "")
    with pytest.raises(Problem, match="is no code"):
        bring(mall, "physical", PHYSICAL, "a b")


# --------------------------------------------------------------------------------- deaths, crowds

FILES = {
    "channels": CHANNELS + "mall,Mall,conditional_update,order,60,nearest,true,0,true\n",
    "physical": PHYSICAL + "depot,tea,0\nnorth,tea,9\nsouth,tea,4\nnorth,new,2\n",
    "sellable": SELLABLE + "street,tea,12\nmall,tea,6\nmall,pot,3\nmall,cup,8\nstreet,cup,0\n",
}


@pytest.mark.slow
@pytest.mark.parametrize("what", FILES)
def test_whoever_dies_at_any_await_the_same_key_and_text_comes_to_the_same_end(what: str) -> None:
    _, whole = fresh()
    report = bring(whole, what, FILES[what])
    end = out(whole)
    for after in range(STEPS_MOST):
        _, mall = fresh()
        went_on = abandoned(mall, mall.stock.import_csv(what, FILES[what], "k"), after)
        mall.later(0.1)
        again = bring(mall, what, FILES[what])
        mall.settle()  # a move of a reclaim may have been left
        assert out(mall) == end, f"died after {after} steps"
        assert (again.changed, again.refused) == (report.changed, report.refused)
        assert bring(mall, what, FILES[what]).said is CsvSaid.ALREADY_DONE
        assert lawful(mall)
        if not went_on:
            return
    raise AssertionError(f"{what} has more than {STEPS_MOST} steps")


@pytest.mark.slow
def test_what_is_sold_between_a_death_and_its_end_is_not_given_back() -> None:
    """Each line counts as of its own moment: nobody's order is undone by carrying on."""
    for after in range(STEPS_MOST):
        _, mall = fresh()
        text = PHYSICAL + "depot,tea,3\nnorth,tea,6\n"
        went_on = abandoned(mall, mall.stock.import_csv("physical", text, "k"), after)
        mall.later(0.1)
        marked = mall.do(_entry_of("k", 3))
        mall.place("1", ("tea", 2))
        mall.do(mall.flow.pay("mall/1"))
        mall.do(mall.flow.ship("mall/1", "north"))
        bring(mall, "physical", text)
        assert mall.at("north", "tea")[0] == (4 if marked else 6)
        assert lawful(mall)
        if not went_on:
            return
    raise AssertionError("it does not end")


async def _entry_of(key: str, line: int) -> bool:
    """Has a line of `physical` left its mark?"""
    return bool(await rows.Select(Entry, (("cause", "=", f"csv:{key}:{line}"),)))


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["conditional_update", "redis_script"])
def test_two_who_bring_the_same_file_among_a_crowd_with_deaths_keep_the_law(engine: str) -> None:
    @settings(max_examples=20, deadline=None, suppress_health_check=ANY, print_blob=True)
    @given(bursts(VERBS), st.integers(0, 2**16), st.sampled_from([0.0, 0.01]))
    def after(history: list[list[Deed]], seed: int, death: float) -> None:
        place, mall = fresh(engine)
        dice = random.Random(seed)
        for number, burst in enumerate(history[:4]):
            what = ("physical", "sellable")[number % 2]
            files = [mall.stock.import_csv(what, FILES[what], f"k{number}") for _ in range(2)]
            deeds = [complained(VERBS[deed.verb](mall, deed)) for deed in burst]
            together(place, [*files, *deeds], dice, death)
            place.sleep(dice.random())
        at_rest(mall)
        for number in range(len(history[:4])):
            what = ("physical", "sellable")[number % 2]
            bring(mall, what, FILES[what], f"k{number}")
            assert bring(mall, what, FILES[what], f"k{number}").said is CsvSaid.ALREADY_DONE
        mall.settle()
        assert lawful(mall)

    after()


@pytest.mark.parametrize("what", ["physical", "sellable"])
def test_a_leak_in_any_write_of_an_import_breaks_the_law(what: str) -> None:
    number = 0
    while True:  # until there are no more writes to leave out
        _, mall = fresh()
        leak = Leak(mall.session.perform, number)
        carry_out(mall.stock.import_csv(what, FILES[what], "k"), leak.perform)
        if leak.planted is None:
            break
        mall.later(0.1)
        assert not lawful(mall) or _empty(leak.planted), f"without {leak.planted} nobody saw"
        number += 1
    assert number >= 4


def _empty(step: Any) -> bool:
    """An entry of 0 units says only that a line was here."""
    return isinstance(step, rows.Insert) and getattr(step.row, "delta", None) == 0


def test_who_brought_what_is_in_the_log() -> None:
    _, mall = fresh()
    bring(mall, "channels", FILES["channels"])
    acts = mall.do(_acts())
    assert {(act.act_id, act.what, act.subject) for act in acts} == {
        ("csv:k", "csv.import", "channels"),
        ("csv-line:k:2", "csv.channel", "mall"),
    }


async def _acts() -> tuple[Act, ...]:
    return await rows.Select(Act, order_by=("at_ms",))
