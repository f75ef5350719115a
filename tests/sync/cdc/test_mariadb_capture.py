"""A binlog is captured as a PostgreSQL's log is: the same product, the same promises."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from inventory_core.problems import Problem
from inventory_core.stores.embedded import EmbeddedMariadb
from inventory_core.stores.mariadb.address import connect
from inventory_core.sync.cdc import mariadb_setup
from inventory_core.sync.cdc.change import Change, Operation
from inventory_core.sync.cdc.mariadb_capture import MariadbCapture
from inventory_core.sync.cdc.rules import Rules, rules_of
from tests.servers import started
from workbench.cdc_soak import MARIADB_SETTINGS

pytestmark = [pytest.mark.live, pytest.mark.slow]
CELL = "mall.cell"


class Logging(EmbeddedMariadb):
    """One with a binlog that says enough."""

    def __init__(self) -> None:
        super().__init__(settings=MARIADB_SETTINGS)


@pytest.fixture(scope="module")
def binlog_url() -> Iterator[str]:
    for server in started(Logging):
        yield server.url


@pytest.fixture
def source(binlog_url: str) -> Iterator[Any]:
    """`mall.cell` with tea 10; runs statements."""
    with closing(connect(binlog_url)) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE mall")
        cursor.execute(
            "CREATE TABLE mall.cell (sku VARCHAR(60), place VARCHAR(60), sellable BIGINT,"
            " version BIGINT, PRIMARY KEY (sku, place))"
        )
        cursor.execute("INSERT INTO mall.cell VALUES ('tea', 'mall', 10, 0)")
        yield cursor.execute
        cursor.execute("DROP DATABASE mall")


def rules() -> Rules:
    return rules_of([{"name": CELL}])


def began(url: str, position: str = "") -> MariadbCapture:
    capture = MariadbCapture(url, rules())
    if not position:
        assert sum(len(each) for each in capture.snapshot()) == 1
    capture.stream(position)
    return capture


def read(capture: MariadbCapture, count: int) -> tuple[list[Change], str]:
    """So many changes, and the place after them."""
    changes: list[Change] = []
    through = ""
    for _ in range(50):
        captured = capture.read(100, 1.0)
        changes.extend(captured.changes)
        through = captured.through or through
        if len(changes) >= count and through:
            break
    assert len(changes) == count
    return changes, through


def test_what_is_committed_after_the_snapshot_comes_in_the_order_of_the_log(
    binlog_url: str, source: Any
) -> None:
    with closing(began(binlog_url)) as capture:
        source("UPDATE mall.cell SET sellable = 9, version = 1 WHERE sku = 'tea'")
        source("UPDATE mall.cell SET sku = 'mug' WHERE sku = 'tea'")
        source("DELETE FROM mall.cell")
        changes, _ = read(capture, 4)
    told = [(each.operation, each.key[0], each.columns.get("sellable")) for each in changes]
    assert told == [
        (Operation.PUT, "tea", "9"),
        (Operation.GONE, "tea", None),
        (Operation.PUT, "mug", "9"),
        (Operation.GONE, "mug", None),
    ]
    positions = [each.position for each in changes]
    assert positions == sorted(set(positions))


def test_it_goes_on_where_it_was(binlog_url: str, source: Any) -> None:
    with closing(began(binlog_url)) as capture:
        source("UPDATE mall.cell SET sellable = 9")
        _, through = read(capture, 1)
    source("UPDATE mall.cell SET sellable = 8")
    with closing(began(binlog_url, through)) as capture:
        changes, _ = read(capture, 1)
    assert changes[0].columns["sellable"] == "8"


def test_an_emptied_table_is_told(binlog_url: str, source: Any) -> None:
    with closing(began(binlog_url)) as capture:
        source("TRUNCATE TABLE mall.cell")
        changes, _ = read(capture, 1)
    assert changes[0].operation is Operation.EMPTIED


@pytest.mark.parametrize(
    "alteration, complaint",
    [
        ("ALTER TABLE mall.cell CHANGE sellable units BIGINT", "no column 'sellable'"),
        ("DROP TABLE mall.cell", "was dropped in the source"),
    ],
)
def test_a_table_that_no_longer_suits_its_rule_is_refused(
    binlog_url: str, source: Any, alteration: str, complaint: str
) -> None:
    with closing(began(binlog_url)) as capture:
        source(alteration)
        if alteration.startswith("ALTER"):
            source("INSERT INTO mall.cell VALUES ('pot', 'mall', 1, 0)")
        with pytest.raises(Problem, match=complaint):
            read(capture, 1)


def test_a_part_of_the_log_that_is_gone_is_explained(binlog_url: str, source: Any) -> None:
    with (
        closing(began(binlog_url, "binlog.000099:4")) as capture,
        pytest.raises(Problem, match="take a new snapshot"),
    ):
        read(capture, 1)


def test_a_server_without_a_binlog_is_explained(mariadb_server_url: str) -> None:
    with (
        closing(mariadb_setup.opened(mariadb_server_url)) as connection,
        pytest.raises(Problem, match="log_bin = OFF"),
    ):
        mariadb_setup.check(connection, mariadb_server_url)
