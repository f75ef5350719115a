"""The comparison of the ways of sourcing as a table, a picture and a page, from its record.

    write_sourcing(Path("runs/many_warehouses"))  # sourcing.json -> sourcing.md, .svg, .html

Everywhere it says that the geography is invented: what a way costs here, it costs nowhere else; how
the ways differ is the news.
"""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from reports.style import MUTED, house_style, standing_alone, svg_of, variables

RECORD, TABLE, PICTURE, PAGE = "sourcing.json", "sourcing.md", "sourcing.svg", "sourcing.html"
BAR = "#0072b2"

COLUMNS: tuple[tuple[str, str, int, str], ...] = (
    ("parcels_per_order", "parcels an order", 2, "less"),
    ("cost_cents_per_order", "cents an order", 0, "less"),
    ("days_mean", "days to the promise", 2, "less"),
    ("days_p95", "days, p95", 2, "less"),
    ("refused", "orders refused", 0, "less"),
    ("split_lines", "lines split", 0, "less"),
    ("decision_ms_mean", "ms a decision", 2, "less"),
)
"""Field of a row, its words, its decimals, which is better."""

PANELS = ("parcels_per_order", "cost_cents_per_order", "days_mean", "refused", "split_lines")


def read_sourcing(folder: Path) -> dict[str, Any]:
    """The record of a comparison."""
    content: dict[str, Any] = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    return content


def write_sourcing(folder: Path) -> Path:
    """Write table, picture and page beside the record; answers where the page is."""
    record = read_sourcing(folder)
    svg = svg_of(draw(record), "sourcing", title_of(record))
    (folder / TABLE).write_text(markdown_of(record), encoding="utf-8")
    (folder / PICTURE).write_text(standing_alone(svg, title_of(record)) + "\n", encoding="utf-8")
    (folder / PAGE).write_text(_page(record, svg), encoding="utf-8")
    return folder / PAGE


def title_of(record: dict[str, Any]) -> str:
    """What was compared, with its label."""
    return f"Ways of sourcing: {record['orders']:,} {record['label']}"


def about_of(record: dict[str, Any]) -> str:
    """How it was made, in two sentences."""
    return (
        f"The same {record['orders']:,} real baskets of {record['articles']:,} articles in the"
        f" same order for every way, from {record['warehouses']} invented warehouses (one a"
        f" backup), seed {record['seed']}; stock goes down as they go. A basket that cannot be"
        " covered whole is refused; means are over the orders served; days run until the last"
        " parcel of an order is promised."
    )


def markdown_of(record: dict[str, Any]) -> str:
    """The table for a README."""
    rows = record["rows"]
    heads = ["sourcing", *(words for _, words, _, _ in COLUMNS)]
    lines = [f"**{title_of(record)}**", "", f"| {' | '.join(heads)} |"]
    lines.append("|---" + "|---:" * len(COLUMNS) + "|")
    lines += [" | ".join((f"| `{row['sourcing']}`", *cells_of(row))) + " |" for row in rows]
    return "\n".join([*lines, "", about_of(record), ""])


def cells_of(row: dict[str, Any]) -> list[str]:
    """The figures of a row, in the order of `COLUMNS`."""
    return [f"{row[field]:,.{decimals}f}" for field, _, decimals, _ in COLUMNS]


def draw(record: dict[str, Any]) -> Figure:
    """One panel a figure, one bar a way of sourcing; shorter is better in all of them."""
    rows = list(reversed(record["rows"]))
    names = [row["sourcing"] for row in rows]
    known = {field: (words, decimals) for field, words, decimals, _ in COLUMNS}
    with house_style():
        figure = Figure((10.4, 0.75 + 0.34 * len(rows)), layout="constrained")
        grid = figure.subplots(1, len(PANELS), sharey=True, squeeze=False).flatten()
        for axes, field in zip(grid, PANELS, strict=True):
            words, decimals = known[field]
            values = [row[field] for row in rows]
            axes.barh(names, values, height=0.62, color=BAR)
            axes.set_title(words)
            axes.set_xlim(0, max([*values, 1e-9]) * 1.42)
            axes.set_xticks([])
            axes.tick_params(length=0)
            axes.spines[["bottom", "left"]].set_visible(False)
            for at, value in enumerate(values):
                axes.annotate(
                    f"{value:,.{decimals}f}",
                    (value, at),
                    (4, 0),
                    textcoords="offset points",
                    va="center",
                    fontsize=8.5,
                )
        figure.supxlabel(
            f"{record['label']}; shorter is better", fontsize=8.5, color=MUTED, x=0.99, ha="right"
        )
    return figure


def _page(record: dict[str, Any], svg: str) -> str:
    css = (Path(__file__).parent / "templates" / "report.css").read_text(encoding="utf-8")
    heads = "".join(f"<th scope='col'>{escape(words)}</th>" for _, words, _, _ in COLUMNS)
    body = "".join(
        f"<tr><th scope='row'>{escape(row['sourcing'])}</th>"
        + "".join(f"<td>{cell}</td>" for cell in cells_of(row))
        + "</tr>"
        for row in record["rows"]
    )
    title = escape(title_of(record))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<link rel="icon" href="data:,">\n'
        f"<title>{title}</title>\n<style>\n{variables()}\n{css}\n</style>\n</head>\n<body>\n<main>"
        f"\n<header><p class='kicker'>many_warehouses · seed {record['seed']}</p>\n"
        f"<h1>{title}</h1>\n<p class='lead'>{escape(about_of(record))}</p></header>\n"
        "<section><h2>The ways of sourcing</h2>\n"
        "<div class='scroll' tabindex='0' role='region' aria-label='The ways'><table>\n"
        f"<thead><tr><th scope='col'>sourcing</th>{heads}</tr></thead>\n"
        f"<tbody>{body}</tbody>\n</table></div></section>\n"
        f"<section><h2>Side by side</h2>\n<figure>{svg}</figure></section>\n"
        "</main>\n</body>\n</html>\n"
    )
