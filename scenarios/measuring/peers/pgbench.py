"""`pgbench`, out of the wheel of the private PostgreSQL, with the very statements of a strategy."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from inventory_core.domain import Cell
from inventory_core.problems import Problem
from inventory_core.steps import sql
from inventory_core.stores.embedded.binaries import postgresql_install
from inventory_core.stores.sql.statements import statements
from scenarios.measuring.peers.ours import an_order

APART = 100_000_000
"""Order numbers of one turn of one client; the next turn begins beyond."""

_RATE = re.compile(r"^tps = ([\d.]+)", re.MULTILINE)


def pgbench_program() -> Path:
    """The wheel's, else the system's."""
    program = postgresql_install() / "bin" / "pgbench"
    found = str(program) if program.is_file() else shutil.which("pgbench")
    if found is None:
        raise Problem("there is no pgbench here: install the package postgresql-contrib")
    return Path(found)


def take_script(schema: str, cells: Sequence[Cell]) -> str:
    """The one statement of `bare_take`."""
    return f"{_choice(cells)}{_take(schema)};\n"


def transaction_script(schema: str, cells: Sequence[Cell]) -> str:
    """The four statements of `conditional_update`: begin, claim, take, commit."""
    claim = _filled(
        statements(schema)[sql.ClaimOrder].sql.decode(),
        (":number", ":fingerprint", ":buyer", ":hold", "ARRAY[:sku]", ":places", ":quantities"),
    )
    numbered = "\\set n :n + 1\n\\set number :client_id * 1000000000000 + :n\n"
    begin = "BEGIN ISOLATION LEVEL READ COMMITTED"
    return f"{_choice(cells)}{numbered}{begin};\n{claim};\n{_take(schema)};\nCOMMIT;\n"


def _choice(cells: Sequence[Cell]) -> str:
    return (
        f"\\set sku random(1, {len(cells)})\n" if len(cells) > 1 else f"\\set sku {cells[0].sku}\n"
    )


def _take(schema: str) -> str:
    text = statements(schema)[sql.TakeIfEnough].sql.decode()
    return _filled(text, (":sku", ":place", ":quantity"))


def _filled(text: str, variables: Sequence[str]) -> str:
    """The statement with variables of pgbench in place of its parameters, on one line."""
    named = re.sub(r"\$(\d+)", lambda found: variables[int(found[1]) - 1], text)
    return " ".join(named.split())


class Pgbench:
    """Turns of pgbench with one script: prepared statements, one thread, so many clients."""

    def __init__(self, url: str, script: Path, clients: int) -> None:
        self._url = url
        self._script = script
        self._clients = clients
        self._turns = 0

    def turn(self, seconds: float) -> float:
        """Transactions a second, connecting left out."""
        self._turns += 1
        cell, order = Cell("1"), an_order(Cell("1"))
        said = {
            "place": cell.place,
            "quantity": "1",
            "fingerprint": order.fingerprint,
            "buyer": "1",
            "hold": "900.0",
            "places": f"{{{cell.place}}}",
            "quantities": "{1}",
            "n": str(self._turns * APART),
        }
        words = [str(pgbench_program()), "--no-vacuum", "-M", "prepared"]
        words += ["-c", str(self._clients), "-j", "1", "-T", str(max(1, round(seconds)))]
        words += [word for name, value in said.items() for word in ("-D", f"{name}={value}")]
        words += ["-f", str(self._script), self._url]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        rate = _RATE.search(done.stdout)
        if done.returncode or rate is None:
            complaint = (done.stderr.strip() or "no rate in its output").splitlines()[-1]
            raise Problem(f"pgbench did not do its work ({complaint}); see its message")
        return float(rate[1])
