"""One self-contained HTML page of a comparison: no network, no script, light, dark and on paper.

    write_report(Path("runs/flash_sale-…"))     # -> runs/flash_sale-…/report.html

The answer comes first, then the table, the pictures, the proofs, and how the run was made. The same
records give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jinja2
import pandas as pd
from markupsafe import Markup

from reports.costs import COSTS, has_costs
from reports.counterexamples import timelines
from reports.faults import FAULTS, has_faults
from reports.figures import pictures_of
from reports.figures.picture import Picture
from reports.findings import answer_of, grade_of
from reports.load import Comparison, load
from reports.proofs import proof_rows, proof_title
from reports.provenance import made, question, remarks
from reports.shop import account_of, columns_of
from reports.standing import Standing, standing_of
from reports.style import svg_of, tone_of, variables
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


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture, for a wide and for a narrow page."""

    title: str
    words: str
    how_to_read: str
    wide: Markup
    narrow: Markup


def write_report(comparison: Path, out: Path | None = None) -> Path:
    """Write the page of the comparison in a folder; `out` is `report.html` in it unless told."""
    page = out or Path(comparison) / "report.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(page_of(load(comparison)), encoding="utf-8")
    return page


def page_of(comparison: Comparison) -> str:
    """The page as text."""
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
        pictures=[
            shown for picture in pictures_of(comparison) if (shown := _shown(picture, comparison))
        ],
        proof_title=proof_title(comparison),
        proofs=proof_rows(comparison.proofs),
        timelines=timelines(comparison.proofs),
        made=list(made(comparison)),
        remarks=list(remarks(comparison)),
        question=question(comparison),
        broken=broken_checks(comparison),
        folder=comparison.path.resolve().name,
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


def _shown(picture: Picture, comparison: Comparison) -> Shown | None:
    """Both drawings of a picture; none when the records hold nothing to draw."""
    wide, narrow = (picture.draw(comparison, is_narrow) for is_narrow in (False, True))
    if wide is None or narrow is None:
        return None
    return Shown(
        title=wide.title,
        words=wide.words,
        how_to_read=picture.how_to_read,
        # Matplotlib has escaped the names in it.
        wide=Markup(svg_of(wide.figure, picture.name)),
        narrow=Markup(svg_of(narrow.figure, f"{picture.name}-narrow")),
    )
