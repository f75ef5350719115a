"""CSV in and out: what goes out can be changed in a spreadsheet and sent back, once.

    channel,sku,sellable        channel,sku,sellable
    mall,cup,8                  mall,cup,8
    mall,pot,2          ->      mall,pot,2
    mall,tea,12                 mall,tea,9
    street,tea,5                street,tea,10

The mall gives 3 tea; the street gets 5: these 3, and 2 of the 3 that are unassigned. Two lines
change something and two do not. The same file under the same key again changes nothing, and the
table that goes out afterwards is the file that came in, byte for byte.

A file with one wrong line changes nothing at all; the line is named.
"""

from __future__ import annotations

from inventory_core.services.csv_report import CsvSaid
from tests.services.mall import Mall

OUT = "channel,sku,sellable\r\nmall,cup,8\r\nmall,pot,2\r\nmall,tea,12\r\nstreet,tea,5\r\n"
IN = OUT.replace("tea,12", "tea,9").replace("tea,5", "tea,10")
WRONG = IN.replace("pot,2", "pot,two")


def tea(mall: Mall) -> tuple[int, int, int]:
    """In the mall, in the street, and unassigned."""
    unassigned = mall.do(mall.stock.stock_of("tea")).stored.unassigned
    return mall.sellable("tea"), mall.sellable("tea", "channel:street"), unassigned


def test_a_table_goes_out_and_comes_back_changed(mall: Mall) -> None:
    assert mall.do(mall.stock.export_csv("sellable")) == OUT
    assert tea(mall) == (12, 5, 3)

    would = mall.do(mall.stock.import_csv("sellable", IN, "monday", dry_run=True))
    assert (would.said, would.changed, tea(mall)) == (CsvSaid.WOULD, 2, (12, 5, 3))
    assert [(one.before, one.after) for one in would.changes] == [
        ("sellable=12", "sellable=9"),
        ("sellable=5", "sellable=10"),
    ]

    done = mall.do(mall.stock.import_csv("sellable", IN, "monday"))
    assert (done.said, done.lines, done.changed, done.unchanged) == (CsvSaid.DONE, 4, 2, 2)
    assert tea(mall) == (9, 10, 1)

    again = mall.do(mall.stock.import_csv("sellable", IN, "monday"))
    assert (again.said, tea(mall)) == (CsvSaid.ALREADY_DONE, (9, 10, 1))
    assert mall.do(mall.stock.export_csv("sellable")) == IN


def test_a_wrong_line_is_named_and_nothing_is_changed(mall: Mall) -> None:
    report = mall.do(mall.stock.import_csv("sellable", WRONG, "tuesday"))
    assert (report.said, [one.line for one in report.wrong]) == (CsvSaid.WRONG, [3])
    assert "two" in report.wrong[0].sentence
    assert tea(mall) == (12, 5, 3)


def test_a_shelf_is_set_and_what_is_new_is_unassigned(mall: Mall) -> None:
    text = "warehouse,sku,physical\r\nnorth,tea,8\r\n"
    mall.do(mall.stock.import_csv("physical", text, "count"))
    assert (mall.at("north", "tea"), tea(mall)) == ((8, 0), (12, 5, 5))
