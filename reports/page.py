"""One self-contained HTML page of a comparison: no network, no script, light, dark and on paper.

    write_report(Path("runs/flash_sale-…"))     # -> runs/flash_sale-…/report.html

The answer comes first, then the table, the pictures, the proofs, and how to repeat each number. The
same records give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2
import pandas as pd
from markupsafe import Markup

from reports import pictures as drawn
from reports.costs import COSTS, has_costs
from reports.faults import FAULTS, has_faults
from reports.findings import answer_of, grade_of
from reports.load import Comparison, load
from reports.proofs import proof_rows, proof_title
from reports.provenance import made, question, remarks
from reports.repeating import repeats
from reports.shop import account_of, columns_of
from reports.standing import Standing, standing_of
from reports.style import tone_of, variables
from reports.table import Cell, Column, cells, groups
from reports.violations import broken_checks

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table as the template sets it."""

    label: str
    stack: str
    tone: str
    verdict: str
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Part:
    """Rows that belong together, and what they are; the strategies themselves need no title."""

    title: str
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Heads:
    """The columns of a table, and the heads above their heads."""

    columns: tuple[Column, ...]

    @property
    def groups(self) -> list[tuple[str, int]]:
        """Each group and how many columns it spans."""
        return groups(self.columns)

    @property
    def explained(self) -> list[Column]:
        """Those that say what they mean."""
        return [column for column in self.columns if column.explains]


def write_report(comparison: Path, out: Path | None = None) -> Path:
    """Write the page of the comparison in a folder; `out` is `report.html` in it unless told."""
    page = out or Path(comparison) / "report.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    loaded = load(comparison)
    text = page_of(loaded, drawn.shown_pictures(loaded), list(drawn.sequences(loaded)))
    page.write_text(text, encoding="utf-8", newline="\n")
    return page


def page_of(
    comparison: Comparison, pictures: Sequence[drawn.Shown], diagrams: Sequence[drawn.Sequence]
) -> str:
    """The page as text, with the pictures and diagrams that were drawn of the comparison."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    standing = standing_of(comparison)
    about = comparison.about
    columns, account = columns_of(comparison), account_of(comparison)
    return environment.get_template("report.html.j2").render(
        # Ours from end to end: nothing of a record is in the style sheet.
        css=Markup(f"{variables()}\n{(_TEMPLATES / 'report.css').read_text('utf-8')}"),
        title=about.get("title") or about.get("scenario") or comparison.path.name,
        about={name: about.get(name) or "" for name in ("description", "command", "grade")},
        seed=about.get("seed", "unknown"),
        grade=grade_of(comparison),
        answer=answer_of(comparison),
        heads=Heads(columns),
        parts=list(_parts(standing, columns)),
        account_heads=Heads(account),
        account_parts=list(_parts(standing, account)),
        costs=_table(standing, COSTS) if has_costs(comparison) else None,
        faults=_table(standing, FAULTS) if has_faults(comparison) else None,
        elsewhere=list(_elsewhere(standing, columns)),
        pictures=pictures,
        proof_title=proof_title(comparison),
        proofs=proof_rows(comparison.proofs),
        diagrams=diagrams,
        repeats=repeats(comparison),
        made=list(made(comparison)),
        remarks=list(remarks(comparison)),
        question=question(comparison),
        broken=broken_checks(comparison),
    )


def _table(standing: Standing, columns: tuple[Column, ...]) -> tuple[Heads, list[Part]]:
    return Heads(columns), list(_parts(standing, columns))


def _parts(standing: Standing, columns: tuple[Column, ...]) -> Iterator[Part]:
    rivals = pd.concat([standing.holding, standing.unknown, standing.void])
    for title, rows in (
        ("", rivals),
        (
            "Controls: meant to fail, so that a laboratory that misses them is seen",
            standing.controls,
        ),
        ("Harness floor: asks nothing of any store", standing.floor),
    ):
        if not rows.empty:
            yield Part(title, _rows(rows, columns))


def _elsewhere(standing: Standing, columns: tuple[Column, ...]) -> Iterator[Part]:
    for world, rows in standing.elsewhere.groupby("world", sort=False):
        yield Part(f"What was {world}, not measured", _rows(rows, columns))


def _rows(rows: pd.DataFrame, columns: tuple[Column, ...]) -> list[Row]:
    return [
        Row(
            row["label"],
            row["stack"],
            tone_of(row["strategy"]),
            row["verdict"],
            cells(row, columns),
        )
        for _, row in rows.iterrows()
    ]
