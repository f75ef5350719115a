"""A sweep as a picture: goodput and tail latency against what was turned, with the knees marked.

    write_sweep(Path("runs/flash_sale-..."))  # sweep.json -> sweep.svg, sweep.html

The *knee* of a strategy is the highest rate at which its 99th percentile, from the time at which an
order was meant to be sent, stays within a limit and at least nine in ten of the stock's takers are
served; beyond it a queue grows for as long as the crowd comes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from reports.figures.picture import WIDE_IN
from reports.style import (
    MUTED,
    colour_of,
    house_style,
    mark_of,
    standing_alone,
    svg_of,
    variables,
)
from reports.wording import figure

RECORD, PICTURE, PAGE = "sweep.json", "sweep.svg", "sweep.html"
LIMIT_MS = 100.0
SERVED = 0.9
WORDS: Mapping[str, str] = {
    "rate": "orders that arrive, a second",
    "stock": "units of each article",
    "connections": "connections of each process",
    "servers": "processes of the shop",
    "pool": "database connections of a process",
    "buckets": "parts of a split counter",
    "rtt_ms": "there and back, ms",
    "flush_us": "a flush of the log, µs",
}
Row = Mapping[str, Any]


def write_sweep(folder: Path) -> Path:
    """Write picture and page beside the record; answers where the picture is."""
    record: dict[str, Any] = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    title = title_of(record)
    svg = svg_of(draw(record), "sweep", title)
    (folder / PICTURE).write_text(standing_alone(svg, title) + "\n", encoding="utf-8")
    (folder / PAGE).write_text(_page(record, svg), encoding="utf-8")
    return folder / PICTURE


def title_of(record: Row) -> str:
    """What was turned."""
    turned = " and ".join(WORDS[name] for name in record["axes"])
    return f"{record['title']}, predicted: {turned}"


def knees_of(record: Row) -> list[dict[str, Any]]:
    """The knee of every strategy at every point of the other axes; empty without a rate."""
    if "rate" not in record["axes"]:
        return []
    found = []
    for others in _others(record, "rate"):
        for name in _strategies(record):
            line = _line(record, name, others, "rate")
            knee = _knee(line)
            found.append(
                {
                    "strategy": name,
                    "at": _said(others) or "–",
                    "knee": "below" if knee is None else f"{knee['settings']['rate']:,.0f}",
                    "there": "–" if knee is None else figure(knee["goodput_per_s"]),
                    "best": figure(max(row["goodput_per_s"] for row in line)),
                }
            )
    return found


def _knee(line: Sequence[Row]) -> Row | None:
    """The last point of a line, from the left, at which it keeps up."""
    last = None
    for row in line:
        p99 = row["accepted_latency_ms_p99"]
        keeps_up = row["goodput_per_s"] >= SERVED * row["settings"]["rate"] * _fresh(row)
        if not keeps_up or (p99 is not None and p99 > LIMIT_MS):
            break
        last = row
    return last


def _fresh(row: Row) -> float:
    """The share of what was asked that could be had: all of it, until the stock ran out."""
    asked = row["deducted"] + row["contended"] + row["dropped"] + row["unknown"] + row["errors"]
    refused = row["refused"] if row["sold_out_after_s"] is None else 0
    everything = row["attempts"] - (row["refused"] - refused)
    return min(1.0, (asked + refused) / everything) if everything else 1.0


def draw(record: Row) -> Figure:
    """Two rows of panels: goodput above, tail latency below; a column a point of the other axes."""
    first = next(iter(record["axes"]))
    columns = list(_others(record, first))
    with house_style():
        height = 4.6 + 0.16 * len(_strategies(record))
        drawn = Figure((WIDE_IN, height), layout="constrained")
        grid = drawn.subplots(2, len(columns), squeeze=False, sharex=True, sharey="row")
        for column, others in enumerate(columns):
            above, below = grid[0][column], grid[1][column]
            for name in _strategies(record):
                _draw_line(above, below, name, _line(record, name, others, first), first)
            above.set_title(_said(others))
            below.set_xlabel(WORDS[first])
            for axes in (above, below):
                _dress(axes, record["axes"][first])
            if below.has_data():
                below.axhline(LIMIT_MS, color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)))
        grid[0][0].set_ylabel("goodput, orders /s")
        grid[1][0].set_ylabel("p99, ms")
        handles, labels = grid[0][0].get_legend_handles_labels()
        drawn.legend(handles, labels, loc="outside lower left", ncols=3, frameon=False)
    return drawn


def _draw_line(above: Axes, below: Axes, name: str, line: Sequence[Row], first: str) -> None:
    at = [row["settings"][first] for row in line]
    colour = colour_of(name)
    style: dict[str, Any] = {"color": colour, "linewidth": 1.4, "marker": mark_of(name)}
    style |= {"markersize": 4.5, "markeredgewidth": 0}
    above.plot(at, [row["goodput_per_s"] for row in line], label=name, **style)
    knee = _knee(line) if first == "rate" else None
    timed = [(x, row["accepted_latency_ms_p99"]) for x, row in zip(at, line, strict=True)]
    timed = [(x, ms) for x, ms in timed if ms is not None]
    full = _first_full(timed, knee) if first == "rate" else len(timed)
    dotted = style | {"linestyle": ":", "alpha": 0.6}
    for part, how in ((timed[: full + 1], style), (timed[full:], dotted)):
        if part:
            below.plot([x for x, _ in part], [ms for _, ms in part], **how)
    if knee is not None:
        where = (knee["settings"]["rate"], knee["goodput_per_s"])
        above.plot(*where, marker="o", markersize=11, markerfacecolor="none", color=colour)
    for row in line:
        if row["verdict"] == "void":
            above.plot(
                row["settings"][first], row["goodput_per_s"], marker="x", markersize=9, color=colour
            )


def _first_full(timed: Sequence[tuple[float, float]], knee: Row | None) -> int:
    """The place of the first point beyond the knee: from there on the queue is full."""
    until = knee["settings"]["rate"] if knee is not None else float("-inf")
    return sum(x <= until for x, _ in timed)


def _dress(axes: Axes, values: Sequence[float]) -> None:
    if min(values) > 0 and max(values) / min(values) >= 10:
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(FuncFormatter(_short))
        axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(FuncFormatter(_short))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.grid(visible=True, which="major")
    axes.tick_params(length=0)


def _short(value: float, _: int) -> str:
    """`10 k` for ten thousand: room is short between two marks."""
    return f"{value / 1000:g} k" if value >= 1_000 else f"{value:g}"


def _strategies(record: Row) -> list[str]:
    return list(dict.fromkeys(row["strategy"] for row in record["rows"]))


def _others(record: Row, first: str) -> Iterator[dict[str, float]]:
    """Every point of the axes other than the first."""
    seen: list[dict[str, float]] = []
    for row in record["rows"]:
        others = {name: value for name, value in row["settings"].items() if name != first}
        if others not in seen:
            seen.append(others)
    yield from sorted(seen, key=lambda others: tuple(others.values()))


def _line(record: Row, name: str, others: Row, first: str) -> list[Row]:
    """One strategy's points along an axis, the others held."""
    rows = [
        row
        for row in record["rows"]
        if row["strategy"] == name
        and row["repetition"] == 0
        and all(row["settings"][key] == value for key, value in others.items())
    ]
    return sorted(rows, key=lambda row: float(row["settings"][first]))


def _said(others: Mapping[str, float]) -> str:
    return ", ".join(f"{WORDS[name]}: {value:g}" for name, value in others.items())


STYLE = """
body { background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif;
       max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
svg { max-width: 100%; height: auto }
.scroll { overflow-x: auto }
td, th { text-align: left; padding: .15rem .9rem .15rem 0 }
"""
HEADS = ("strategy", "at", "knee, /s", "goodput there, /s", "best goodput, /s")


def _page(record: Row, svg: str) -> str:
    title, profile = escape(title_of(record)), record["profile"]
    about = profile["about"]
    heads = "".join(f"<th scope=col>{head}</th>" for head in HEADS)
    rows = "".join(f"<tr>{_cells(knee)}</tr>" for knee in knees_of(record))
    return (
        "<!doctype html><html lang=en><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width, initial-scale=1'>"
        "<meta name=color-scheme content='light dark'><link rel=icon href='data:,'>"
        f"<title>{title}</title><style>{variables()}{STYLE}</style><main><h1>{title}</h1>"
        f"<p>Predicted, not measured, with the profile <em>{escape(profile['name'])}</em>"
        f" ({escape(about['title'])}; {escape(about['source'])}). A ring marks the knee: the"
        f" highest rate that is served with a 99th percentile within {LIMIT_MS:g} ms (the dashed"
        " line). A cross: the verdict there is void. Beyond the knee the queue is full and whoever"
        " has waited longest leaves it, so those who are served may have waited less: dotted.</p>"
        f"{svg}<div class=scroll tabindex=0 role=region aria-label='The knees'><table>"
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div></main></html>\n"
    )


def _cells(knee: Mapping[str, Any]) -> str:
    """A line of the table; the strategy heads it."""
    first, *others = (escape(str(value)) for value in knee.values())
    return f"<th scope=row>{first}</th>" + "".join(f"<td>{other}</td>" for other in others)
