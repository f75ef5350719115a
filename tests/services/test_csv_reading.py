"""A CSV text is read exactly or refused line by line, each with a sentence that says what to do."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory_core.records import Restriction, RestrictionKind, Warehouse, WarehouseKind
from inventory_core.services import csv_columns, csv_reading
from inventory_core.services.csv_columns import written
from inventory_core.services.csv_out import text_of
from inventory_core.services.csv_reading import Reading, read_csv
from inventory_core.services.csv_tables import TABLES, Physical

RUN = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r")
LINE = "north,tea,5\n"
HEADER = "warehouse,sku,physical\n"
nasty = st.text("=+-@'\",;\uff1d a1", max_size=8)
printed = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=20)
anything = st.one_of(nasty, printed)


def read(text: str, what: str = "physical") -> Reading:
    return read_csv(TABLES[what], text)


def wrong(text: str, what: str = "physical") -> list[tuple[int, str]]:
    return [(one.line, one.sentence) for one in read(text, what).wrong]


@given(anything)
def test_any_text_comes_back_and_no_spreadsheet_runs_it(text: str) -> None:
    out = io.StringIO(newline="")
    csv.writer(out).writerow([written(text)])
    (cell,) = next(csv.reader(io.StringIO(out.getvalue(), newline=""))) or [""]
    assert csv_columns.text("name").read(cell) == text
    assert not cell.startswith(RUN)


def test_an_apostrophe_is_added_to_what_would_run_and_to_nothing_else() -> None:
    pairs = {"=1+1": "'=1+1", "'=1": "''=1", "'tis": "'tis", "a=b": "a=b", "@me": "'@me", "": ""}
    assert {text: written(text) for text in pairs} == pairs
    assert written(-480) == "-480"


@given(st.lists(st.builds(
    Restriction, st.from_regex("[A-Za-z0-9][A-Za-z0-9._:-]{0,9}", fullmatch=True),
    st.just(RestrictionKind.STOP_SHIP), reason=anything,
), unique_by=lambda row: row.code, max_size=5))  # fmt: skip
def test_rows_come_back_as_they_were(rows: list[Restriction]) -> None:
    found = read(text_of(TABLES["restrictions"], rows), "restrictions")
    assert found.wrong == []
    assert [one.row for one in found.rows] == sorted(rows, key=lambda row: row.code)


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_spreadsheets_mark_and_its_ends_of_line_are_taken(mark: str, end: str) -> None:
    found = read(
        mark + end.join(["sku,physical,warehouse", "tea,5,north", ",,", "", "cup,1,north"])
    )
    assert found.wrong == []
    assert [(one.line, one.row) for one in found.rows] == [
        (2, Physical("north", "tea", 5)),
        (5, Physical("north", "cup", 1)),
    ]


def test_a_line_is_named_by_where_it_begins_though_others_have_breaks_within() -> None:
    header = "code,kind,sku,region,from_ms,until_ms,from_time,until_time,reason\n"
    text = header + 'a,stop_ship,,,0,0,,,"two\nlines"\nb,never,,,0,0,,,\n'
    assert [line for line, _ in wrong(text, "restrictions")] == [2, 4]


def test_capitals_of_a_spreadsheet_are_taken() -> None:
    header = ",".join(TABLES["warehouses"].header)
    found = read(f"{header}\nn,N,own,east,TRUE,active,17:00,-480,0,\n", "warehouses")
    expected = Warehouse("n", "N", WarehouseKind.OWN, "east", backup=True, utc_offset_min=-480)
    assert [one.row for one in found.rows] == [expected]


FAULTS = {
    "": (0, "the file is empty; write a line with warehouse, sku, physical first"),
    "warehouse;sku;physical\n": (
        1, "the columns are parted by semicolons; save the file with commas"),
    "warehouse,sku,units,physical\n": (
        1, "there is no column 'units'; the columns are warehouse, sku, physical"),
    "warehouse,sku\n": (1, "the column physical is missing; add it"),
    "warehouse,sku,sku,physical\n": (
        1, "the column sku is there twice; leave one of them out"),
    HEADER + "north,tea\n": (2, "it has 2 values; write 3, as the header has"),
    HEADER + "north,tea,many\n": (2, "physical is 'many'; write a whole number"),
    HEADER + "north,tea,1.5\n": (2, "physical is '1.5'; write a whole number"),
    HEADER + "north,tea,\n": (2, "physical is empty; write a whole number"),
    HEADER + "north,tea," + "9" * 5_000 + "\n": (
        2, f"physical is '{'9' * 40}...'; write a whole number"),
    HEADER + "north,tea,-1\n": (2, "physical is -1, which is negative; write 0 or more"),
    HEADER + "north,tea,1000000001\n": (
        2, "physical is 1000000001; write a number from 0 to 1000000000"),
    HEADER + "north,,1\n": (2, "sku is empty; write something like north-2"),
    HEADER + "north,a\tb,1\n": (2, "sku holds a control character; leave it out"),
    HEADER + LINE + "\n" + LINE: (4, "north, tea is in line 2 already; keep one of the two"),
    HEADER + 'north,"tea"x,1\n': (
        2, "this is not CSV (',' expected after '\"'); close its quotes, and double those within"),
}  # fmt: skip


@pytest.mark.parametrize("text", FAULTS, ids=lambda text: text[:40])
def test_every_fault_is_told_with_its_line_and_what_to_do(text: str) -> None:
    assert wrong(text) == [FAULTS[text]]


def test_a_bad_region_a_window_and_a_time_are_told() -> None:
    regions = (
        "warehouse,region,rank,transit_days,parcel_cost_cents\nn,a//b,1,1,0\nn,a/b/c/d,1,1,0\n"
    )
    said = "write province, province/city or province/city/district"
    assert wrong(regions, "services") == [
        (2, f"region is 'a//b'; {said}"),
        (3, f"region is 'a/b/c/d'; {said}"),
    ]
    header = "code,kind,sku,region,from_ms,until_ms,from_time,until_time,reason\n"
    text = header + "a,daily,,,0,0,,,\nb,stop_ship,,,5,4,,,\nc,daily,,,0,0,24:00,8:00,\n"
    assert wrong(text, "restrictions") == [
        (2, "a daily restriction needs both times; write from_time and until_time"),
        (3, "the window ends before it begins; write a later until_ms, or 0"),
        (4, "from_time is '24:00'; write something like 17:00"),
        (4, "until_time is '8:00'; write something like 17:00"),
    ]


def test_a_file_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_reading, "LINES_MOST", 2)
    text = HEADER + "n,a,1\nn,b,1\n"
    assert wrong(text) == []
    assert wrong(text + "n,c,1\nn,d,1\n") == [
        (4, "there are more than 2 lines; send several files")
    ]


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    for what in TABLES:
        found = read(text, what)
        assert found.wrong or not found.rows
    assert read(HEADER + text).wrong is not None
