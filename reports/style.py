"""The house style: colours, type, and pictures that follow the reader's light or dark page.

A picture is drawn once, in the colours of the light page. Every colour is then replaced by a CSS
variable whose fallback is that colour, so the same picture follows the page it is set in; one that
stands alone carries the variables itself. Text stays text: it can be searched, read aloud, copied.

Colours are Okabe and Ito's, made for colour-blind readers (jfly.uni-koeln.de/color, 2008). They are
never the only sign: verdicts have a symbol and a word, and strategies their names beside them.
"""

from __future__ import annotations

import hashlib
import html
import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

INK, MUTED, GRID, VOID = "#1b1f24", "#5b6570", "#d9dde2", "#b3261e"
_FAMILIES = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"

# name of the CSS variable: (on a light page, on a dark page)
TONES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "ink": (INK, "#e8eaed"),
        "muted": (MUTED, "#a3adb8"),
        "grid": (GRID, "#353b43"),
        "void": (VOID, "#ff8a80"),
        "blue": ("#0072b2", "#4ba6e0"),
        "orange": ("#d98c00", "#f0ad2e"),
        "green": ("#00916a", "#2fbf95"),
        "sky": ("#3d9fd8", "#86cdf5"),
        "purple": ("#b85c93", "#dd8fbd"),
        "vermilion": ("#cc5500", "#f58f4f"),
        "olive": ("#8a7d00", "#d6c93f"),
        "slate": ("#6b7683", "#9aa6b2"),
    }
)

_PALETTE = ("blue", "orange", "green", "purple", "vermilion", "sky", "olive", "slate")

# A strategy keeps its colour on every page. Those often seen together are told apart here; append
# only. Any other takes the colour that its name hashes to, so that a new one needs no entry.
_CHOSEN: Mapping[str, str] = MappingProxyType(
    {
        "conditional_update": "blue",
        "row_lock": "green",
        "optimistic_version": "sky",
        "redis_lock_fenced": "purple",
        "redis_script": "orange",
        "redis_with_task": "vermilion",
        "naive_read_write": "olive",
        "redis_lock": "slate",
        "noop": "muted",
    }
)

_BOX = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')
_TITLE_PT = 26.0

VERDICTS: Mapping[str, str] = MappingProxyType({"holds": "✓", "void": "✗", "unknown": "?"})
"""The symbol that stands before the word, never instead of it."""

RULES: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "text.color": INK,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": GRID,
    "axes.titlesize": 9.5,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "xtick.color": GRID,
    "ytick.color": GRID,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": INK,
    "hatch.linewidth": 0.9,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "text.parse_math": False,  # a name may hold a dollar sign
    "svg.fonttype": "none",
    "svg.hashsalt": "stockproof",
}


@contextmanager
def house_style() -> Iterator[None]:
    """Draw and save inside this: elsewhere the reader's own settings of matplotlib stand."""
    with mpl.rc_context(RULES):
        yield


def tone_of(strategy: str) -> str:
    """The name of the strategy's colour, the same in every picture and on every day."""
    if (tone := _CHOSEN.get(strategy)) is None:
        digest = hashlib.sha256(strategy.encode()).digest()
        tone = _PALETTE[digest[0] % len(_PALETTE)]
    return tone


def colour_of(strategy: str) -> str:
    """The strategy's colour on a light page."""
    return TONES[tone_of(strategy)][0]


def svg_of(figure: Figure, name: str) -> str:
    """The picture as an SVG element: the same bytes for the same figure, colours as variables.

    `name` makes its ids its own, because a page holds several pictures.
    """
    drawn = io.StringIO()
    with house_style():
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    text = drawn.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', text)
    text = re.sub(r'(href="#|url\(#)([^")]+)', rf"\1{name}-\2", text)
    text = re.sub(r'\bd="[^"]+"', _rounded, text)
    text = text.replace("*{stroke", "svg *{stroke")
    text = text.replace("'DejaVu Sans'", _FAMILIES.replace("'", "&quot;"))
    return _with_variables(text)


def standing_alone(svg: str, title: str) -> str:
    """An SVG file that carries its title and follows light and dark by itself, for a README."""
    box = _BOX.search(svg)
    assert box, "matplotlib gives every picture a box"
    width, height = float(box[1]), float(box[2])
    opened = svg.index(">") + 1
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
        f' width="{width:g}pt" height="{height + _TITLE_PT:g}pt"'
        f' viewBox="0 {-_TITLE_PT:g} {width:g} {height + _TITLE_PT:g}" version="1.1">'
    )
    style = f"<style>{variables()} svg {{ background: var(--page) }}</style>"
    words = (
        f'<text x="6" y="-9" style="font: bold 12px {_FAMILIES.replace(chr(34), chr(39))};'
        f' fill: var(--ink)">{html.escape(title)}</text>'
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}{style}{words}{svg[opened:]}'


def variables() -> str:
    """The colours as CSS variables, for light pages, dark pages and paper."""
    light = "".join(f"--{name}: {tones[0]}; " for name, tones in TONES.items())
    dark = "".join(f"--{name}: {tones[1]}; " for name, tones in TONES.items())
    return (
        f":root {{ --page: #ffffff; {light}}} "
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ --page: #14171b; {dark}}} }}"
    )


def _rounded(path: re.Match[str]) -> str:
    """A path with hundredths of a point: finer than any screen, and half the size."""
    return re.sub(r"(\.\d\d)\d+", r"\1", " ".join(path[0].split()))


def _with_variables(svg: str) -> str:
    for name, (light, _) in TONES.items():
        svg = svg.replace(light, f"var(--{name}, {light})")
    return svg
