"""The anomaly table, made by the model: `python -m tests.isolation.table` writes it anew.

The tests of this folder hold every cell of it to the live servers.
"""

from __future__ import annotations

from pathlib import Path

from tests.isolation.anomalies import ANOMALIES
from tests.isolation.play import COLUMNS, Verdict, verdicts

FILE = Path(__file__).parents[2] / "reports" / "published" / "anomalies.md"
OPENING = """# Anomalies, by server and isolation level

What two or three transactions can do to each other, on PostgreSQL and on MariaDB (InnoDB). Every
cell is played step by step on the live server and on the model that `stockproof prove` explores,
and both must answer alike, statement by statement (`tests/isolation`). This page is written by
`python -m tests.isolation.table`; a test fails when it is not current.

- **happens**: the anomaly comes about, and nobody is told.
- conflict: somebody is told to try again (SQLSTATE 40001; MariaDB's error 1020).
- deadlock: a circle of waits, which one of them pays for.
- waits: somebody has to wait, nobody fails, and the anomaly does not come about.
- no: nobody waits and nobody fails; the anomaly does not come about.

"""
CLOSING = """
What the anomalies are:

{sentences}

The line to remember is *stale plain read after a lock wait*: on MariaDB at repeatable read, which
is its default, a transaction that has read anything before, then waits for a row's lock, and then
reads the row plainly, sees the row as it was before the wait. Who computes the new stock from that
sells the last unit twice. `SELECT ... FOR UPDATE` itself, and the condition of an UPDATE, go by the
newest row; read committed and `innodb_snapshot_isolation = ON` prevent it; PostgreSQL answers with
a conflict at repeatable read. `stockproof prove NAME --sql mariadb --isolation repeatable-read`
tells whether a strategy falls for it.
"""


def table() -> str:
    """The page."""
    head = ["anomaly", *(column.title for column in COLUMNS)]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for anomaly in ANOMALIES:
        found = [next(verdicts(column, anomaly)) for column in COLUMNS]
        words = ["**happens**" if one is Verdict.HAPPENS else one.value for one in found]
        lines.append("| " + " | ".join([anomaly.name, *words]) + " |")
    sentences = "\n".join(f"- *{each.name}*: {each.sentence}." for each in ANOMALIES)
    return OPENING + "\n".join(lines) + "\n" + CLOSING.format(sentences=sentences)


if __name__ == "__main__":
    FILE.write_text(table(), "utf-8")
