"""Every anomaly at every level: the live server, the model and the published table agree."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.steps.twins import RealTwin
from tests.isolation.anomalies import ANOMALIES, Anomaly
from tests.isolation.mariadb_twin import BOOKED
from tests.isolation.play import COLUMNS, Column, Verdict, play, verdicts
from tests.isolation.table import FILE, table

EXPECTED = {
    "dirty write": "waits conflict conflict | waits waits waits waits",
    "dirty read": "no no no | no no no waits",
    "non-repeatable read": "happens no no | happens no no waits",
    "phantom": "happens no no | happens no no waits",
    "lost update": "happens conflict conflict | happens happens conflict deadlock",
    "lost update behind another row's lock": (
        "waits conflict conflict | waits happens conflict waits"
    ),
    "stale plain read after a lock wait": "waits conflict conflict | waits happens conflict waits",
    "oversell by a conditional update": "no conflict conflict | no no conflict deadlock",
    "retry that never sees the new version": "no conflict conflict | no happens conflict deadlock",
    "write skew": "happens happens conflict | happens happens happens deadlock",
    "write skew through a search": "happens happens conflict | happens happens happens deadlock",
    "read-only anomaly": "happens happens conflict | happens happens happens waits",
}
"""By column: PostgreSQL from the weakest level to the strongest, then MariaDB."""

LIVE = {"postgresql": "on_postgresql", "mariadb": "on_mariadb"} | {
    "mariadb-snapshot": "on_mariadb_with_snapshots"
}
CELLS = [(anomaly, column) for anomaly in ANOMALIES for column in COLUMNS]
NAMES = [f"{anomaly.name} on {column.title}" for anomaly, column in CELLS]


def expected(anomaly: Anomaly, column: Column) -> Verdict:
    words = EXPECTED[anomaly.name].replace("|", "").split()
    return Verdict(words[COLUMNS.index(column)])


@pytest.mark.parametrize("anomaly, column", CELLS, ids=NAMES)
def test_the_model_says_what_is_expected(anomaly: Anomaly, column: Column) -> None:
    first, *others = verdicts(column, anomaly)
    assert first is expected(anomaly, column)
    if first is not Verdict.HAPPENS:
        assert Verdict.HAPPENS not in others, "in some other way it happens after all"


class _Booked:
    """A PostgreSQL of which those tables are compared that every server here has."""

    def __init__(self, real: RealTwin) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def rows(self) -> set[tuple[str, ...]]:
        return {row for row in self._real.rows() if row[0] in BOOKED}


@pytest.mark.live
@pytest.mark.slow
@pytest.mark.parametrize("anomaly, column", CELLS, ids=NAMES)
def test_the_server_does_what_the_model_says(
    request: pytest.FixtureRequest, anomaly: Anomaly, column: Column
) -> None:
    real: RealTwin = request.getfixturevalue(LIVE[column.dialect.name])
    real.clear()
    assert play(column, anomaly, _Booked(real)) is expected(anomaly, column)


def test_the_published_table_is_current() -> None:
    assert FILE.read_text("utf-8") == table(), "write it: python -m tests.isolation.table"


def test_the_oversell_by_a_stale_plain_read_is_named() -> None:
    row = next(line for line in FILE.read_text("utf-8").splitlines() if "| stale plain" in line)
    cells = [cell.strip() for cell in row.strip("|").split("|")][1:]
    happens = [column.title for column, cell in zip(COLUMNS, cells, strict=True) if "*" in cell]
    assert happens == ["MariaDB, repeatable read"]
