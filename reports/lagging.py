"""What a late shop window costs: a table, pictures and a page, from the record of `stockproof lag`.

    write_lag(Path("runs/sync_lag"))  # lag.json -> lag.md, lag.html, stale.svg, lost_sales.svg, ...

Lines are predicted (the band: least to most over the seeds), points are measured.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from reports.figures.picture import WIDE_IN
from reports.style import TONES, house_style, standing_alone, svg_of, variables
from reports.wording import figure

RECORD, TABLE, PAGE = "lag.json", "lag.md", "lag.html"
PREDICTED, MEASURED = "predicted", "measured"
SELLS_BY_THE_COPY = "sells_by_the_copy"
COLOURS = {"polling": "blue", "on_demand": "orange", "streaming": "green"}
OWN = "the path's own lag, ms: between two polls, greatest age, median of a stream"
Row = Mapping[str, Any]


class Column(NamedTuple):
    """A figure: its words (short ones on a screen, none: not there), and its decimals.

    `share`: it is shown as a share of the looks, in per cent.
    """

    field: str
    words: str
    short: str
    share: bool
    decimals: int


COLUMNS = (
    Column("stale_share", "stale, % of looks", "stale", True, 1),
    Column("behind_ms_mean", "behind, ms", "behind", False, 0),
    Column("false_in_stock", "false in stock, %", "", True, 1),
    Column("false_sold_out", "false sold out, %", "", True, 1),
    Column("lost_sales", "lost sales, %", "lost", True, 2),
    Column("refused", "refused, %", "refused", True, 2),
    Column("oversold", "oversold, %", "oversold", True, 2),
    Column("writes_per_change", "writes a change", "writes", False, 2),
    Column("reads_per_change", "reads a change", "reads", False, 2),
    Column("differing", "wrong at rest", "wrong", False, 0),
)

PICTURES: Mapping[str, tuple[str, str, str]] = {
    "stale": ("stale_share", "", "Looks at a window that was not up to date"),
    "lost_sales": ("lost_sales", "", "Shoppers who were told sold out while there was stock"),
    "refused": ("refused", "", "Shoppers who were shown stock and refused at the checkout"),
    "oversold": (
        "oversold",
        SELLS_BY_THE_COPY,
        "Orders accepted without a unit by a shop that sells by its window (planted)",
    ),
}
"""Name of the file: field, control, what it is a share of the looks of."""

AGREEING = {
    "stale_share": "stale looks",
    "lost_sales": "lost sales",
    "refused": "refusals",
    "oversold": "oversold",
}
EVOLUTION: tuple[tuple[str, str], ...] = (
    ("copies", "tables that keep the stock"),
    ("rows_per_sale", "rows written a sale"),
    ("wal_bytes_per_sale", "bytes of log a sale"),
    ("sale_ms_p50", "ms a sale beside an editor, p50"),
    ("sale_ms_p99", "p99"),
    ("forgotten_sales", "sales forgotten by an editor's save"),
    ("stale_share", "stale looks, %"),
)


def write_lag(folder: Path) -> Path:
    """Write table, pictures and page beside the record; answers where the page is."""
    record: dict[str, Any] = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    svgs = {}
    for name, (field, control, _) in PICTURES.items():
        title = title_of(record, name)
        svgs[name] = svg_of(draw(record, field, control), name, title)
        text = standing_alone(svgs[name], title) + "\n"
        (folder / f"{name}.svg").write_text(text, encoding="utf-8")
    (folder / TABLE).write_text("".join(_markdown(record)), encoding="utf-8")
    (folder / PAGE).write_text("".join(_page(record, svgs)), encoding="utf-8")
    return folder / PAGE


def cells_of(record: Row) -> Iterator[list[str]]:
    """The table: name, own lag, then each figure as predicted / measured."""
    for name, own_ms, worlds in _pairs(record):
        both = [worlds.get(PREDICTED), worlds.get(MEASURED)]
        figures = [
            " / ".join("–" if row is None else _said(row, column) for row in both)
            for column in COLUMNS
        ]
        yield [name, own_ms, *figures]


def lines_of(record: Row) -> Iterator[list[str]]:
    """The same for a narrow screen: a line a world; of what was only predicted the faults alone."""
    pairs = list(_pairs(record))
    if any(MEASURED in worlds for _, _, worlds in pairs):
        pairs = [pair for pair in pairs if MEASURED in pair[2] or pair[2][PREDICTED]["fault"]]
    for name, own_ms, worlds in pairs:
        for world, row in sorted(worlds.items(), reverse=True):
            yield [name, own_ms, world, *(_said(row, column) for column in COLUMNS if column.short)]
            name = own_ms = ""


def _pairs(record: Row) -> Iterator[tuple[str, str, dict[str, Row]]]:
    """What a case is called, its own lag, its rows by their worlds; in the order of the table."""
    rows: dict[tuple[Any, ...], dict[str, Row]] = {}
    for row in record["rows"]:
        rows.setdefault(_key(row), {})[row["world"]] = row
    for key in sorted(rows):
        _, path, fault, control, own_ms = key
        name = " ".join(filter(None, (path, fault, f"({control})" if control else "")))
        yield name, f"{own_ms:,.0f}", rows[key]


def _said(row: Row, column: Column) -> str:
    return f"{_value(row, column.field):,.{column.decimals}f}"


def title_of(record: Row, name: str) -> str:
    """What a picture found: the least and the most of the paths, measured if they were."""
    field, control, words = PICTURES[name]
    rows = [r for r in record["rows"] if not r["fault"] and r["control"] == control]
    found = [r for r in rows if r["world"] == MEASURED] or rows
    if not found:
        return words
    ends = (least(found, key=lambda row: _value(row, field)) for least in (min, max))
    said = [
        f"{_value(row, field):,.1f} % ({row['path'].replace('_', ' ')}, {figure(row['own_ms'])} ms)"
        for row in ends
    ]
    return f"{words}: {' to '.join(dict.fromkeys(said))}"


def draw(record: Row, field: str, control: str) -> Figure:
    """One panel: a line a path as predicted, points as measured."""
    with house_style():
        figure = Figure((WIDE_IN * 0.75, 4.0), layout="constrained")
        axes = figure.subplots()
        shown = [r for r in record["rows"] if not r["fault"] and r["control"] == control]
        for path, colour in COLOURS.items():
            rows = sorted((r for r in shown if r["path"] == path), key=lambda r: r["own_ms"])
            _draw_path(axes, rows, field, path, TONES[colour][0])
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_ylim(bottom=0)
        axes.set_xlabel(OWN)
        axes.set_ylabel("% of the looks")
        axes.grid(visible=True, which="major")
        axes.tick_params(length=0)
        axes.legend(loc="best", frameon=False)
    return figure


def _draw_path(axes: Axes, rows: Sequence[Row], field: str, path: str, colour: str) -> None:
    said = [row for row in rows if row["world"] == PREDICTED]
    own_ms = [row["own_ms"] for row in said]
    axes.plot(own_ms, [_value(row, field) for row in said], color=colour, linewidth=1.4,
              label=f"{path}, predicted")  # fmt: skip
    low, high = ([_value(row, f"{field}_{end}", field) for row in said] for end in ("low", "high"))
    axes.fill_between(own_ms, low, high, color=colour, alpha=0.15, linewidth=0)
    seen = [row for row in rows if row["world"] == MEASURED]
    if seen:
        values = [_value(row, field) for row in seen]
        below = [v - _value(r, f"{field}_low", field) for v, r in zip(values, seen, strict=True)]
        above = [_value(r, f"{field}_high", field) - v for v, r in zip(values, seen, strict=True)]
        axes.errorbar([row["own_ms"] for row in seen], values, (below, above), color=colour,
                      linestyle="none", marker="o", markersize=6, capsize=3,
                      label=f"{path}, measured")  # fmt: skip


def _key(row: Row) -> tuple[Any, ...]:
    """In the order of the table: paths, then faults, then what is planted."""
    rank = 2 if row["control"] else 1 if row["fault"] else 0
    return rank, row["path"], row["fault"], row["control"], round(row["own_ms"], 6)


def _value(row: Row, name: str, field: str = "") -> float:
    """A figure as it is shown: what is counted, as a share of the looks in per cent."""
    of_looks = {column.field: column.share for column in COLUMNS}[field or name]
    if not of_looks:
        return float(row[name])
    looks = 1.0 if (field or name) == "stale_share" else max(row["looks"], 1)
    return float(100 * row[name] / looks)


def about_of(record: Row) -> str:
    """How it was made."""
    sale, paths = record["scenario"]["sale"], record["scenario"]["paths"]
    source = "as measured in this run" if record["lag_measured"] else "as the scenario says"
    return (
        f"{sale['shoppers_per_s']:g} shoppers a second look at {sale['articles']} articles for"
        f" {sale['seconds']:g} s; {sale['orders']:.0%} of them order one if the window shows some,"
        f" {sale['come_back']:.0%} of the orders are cancelled, and refills come in. Seed"
        f" {sale['seed']} and following; medians of the runs. Each cell is predicted / measured."
        f" The pipeline's lag: p50 {paths['lag_ms_p50']:.1f} ms, p99 {paths['lag_ms_p99']:.1f} ms,"
        f" {source}; a fault lasts as long as it did there. An order is always decided by the"
        " source, except where `sells_by_the_copy` is planted. `behind` is how long what was shown"
        " had not been so; a lost sale is a shopper who wanted one and was told sold out while"
        " there was stock. Polling reads every article at every poll; only what changed is written."
    )


def agreement_of(record: Row) -> str:
    """How far the worlds are apart, in a sentence; none if there is but one."""
    found = record["agreement"]
    if not found["pairs"]:
        return ""
    apart = [
        f"{words} {found[f'{field}_points_median']:.2f}"
        f" (worst {found[f'{field}_points_worst']:.2f})"
        for field, words in AGREEING.items()
    ]
    return (
        f"Predicted and measured, {found['pairs']} cases: their shares of the looks are apart by,"
        f" in points of a hundred (median): {', '.join(apart)}."
    )


def evolution_cells(record: Row) -> Iterator[list[str]]:
    """The table of the two designs, upright."""
    for field, words in EVOLUTION:
        yield [words, *(f"{each[field]:,.4g}" for each in record["evolution"])]


def _markdown(record: Row) -> Iterator[str]:
    yield f"# {record['title']}\n\nWritten by `stockproof lag`. {about_of(record)}\n\n"
    yield f"{agreement_of(record)}\n\n" if agreement_of(record) else ""
    yield from _rows(["path", "own lag, ms", *(column.words for column in COLUMNS)],
                     cells_of(record))  # fmt: skip
    for name in PICTURES:
        yield f"\n![{title_of(record, name)}]({name}.svg)\n"
    if record["evolution"]:
        yield f"\n## {EVOLVED}\n\n{EVOLVED_MEANS}\n\n"
        yield from _rows(["", *_designs(record)], evolution_cells(record))


EVOLVED = "Stock in the product system (v1), and in a core of its own with a copy (v2)"
EVOLVED_MEANS = (
    "On a real PostgreSQL: in v1 the stock is a column of the product's row, which editors write,"
    " too; in v2 a narrow row of its own, streamed to the product system's database (a row a source"
    " row, and a total). Bytes of log without full-page images. An editor who saves the whole row"
    " that he read forgets what was sold meanwhile (of 50). Stale looks of v2: the pipeline's,"
    " above; v1 has no copy that could be late."
)


def _designs(record: Row) -> list[str]:
    return [each["design"] for each in record["evolution"]]


def _rows(heads: Sequence[str], cells: Iterator[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |\n|---{'|---:' * (len(heads) - 1)}|\n"
    for row in cells:
        yield f"| {' | '.join(row)} |\n"


def _page(record: Row, svgs: Mapping[str, str]) -> Iterator[str]:
    css = (Path(__file__).parent / "templates" / "report.css").read_text(encoding="utf-8")
    title = escape(record["title"])
    yield (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<link rel="icon" href="data:,">\n'
        f"<title>{title}</title>\n<style>\n{variables()}\n{css}\n</style>\n</head>\n<body>\n<main>"
        f"\n<header><p class='kicker'>sync_lag</p>\n<h1>{title}</h1>\n"
        f"<p class='lead'>{escape(about_of(record))}</p></header>\n"
    )
    for name, svg in svgs.items():
        title = escape(title_of(record, name))
        yield f"<section><h2>{title}</h2>\n<figure>{svg}</figure></section>\n"
    heads = ["path", "own lag, ms", *(column.words for column in COLUMNS)]
    table = _html(heads, cells_of(record))
    note = f"<p class='note'>{escape(agreement_of(record))}</p>"
    yield f"<section><h2>Predicted / measured</h2>{table}{note}</section>\n"
    if record["evolution"]:
        table = _html(["", *_designs(record)], evolution_cells(record))
        yield f"<section><h2>{EVOLVED}</h2><p class='note'>{EVOLVED_MEANS}</p>{table}</section>\n"
    yield "</main>\n</body>\n</html>\n"


def _html(heads: Sequence[str], cells: Iterator[list[str]]) -> str:
    head = "".join(f"<th scope='col'>{escape(words)}</th>" for words in heads)
    body = "".join(
        f"<tr><th scope='row'>{escape(name)}</th>"
        + "".join(f"<td class='figure'>{escape(cell)}</td>" for cell in rest)
        + "</tr>"
        for name, *rest in cells
    )
    rows = f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
    return f"<div class='scroll'><table>{rows}</table></div>"
