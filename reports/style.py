"""The house style: type, and pictures that follow the reader's light or dark page.

A picture is drawn once, in the colours of the light page. Every colour is then replaced by a CSS
variable whose fallback is that colour, so the same picture follows the page it is set in; one that
stands alone carries the variables itself. Text stays text: it can be searched, read aloud, copied.
Every picture has a title and a description for whom cannot see it.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from textwrap import wrap
from types import MappingProxyType
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from reports.colours import TONES, colour_of, mark_of, tinted, tone_of

__all__ = ["TONES", "colour_of", "mark_of", "tone_of"]

INK, MUTED, GRID, VOID, PAGE = (TONES[name][0] for name in ("ink", "muted", "grid", "void", "page"))
FAMILIES = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"

_BOX = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')
_TITLE_PT, _LINE_PT, _LETTER_PT = 26.0, 15.0, 7.2
"""The band above a picture, a further line in it, and about the width of a bold letter."""

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


def svg_of(figure: Figure, name: str, title: str, words: str = "") -> str:
    """The picture as an SVG element: the same bytes for the same figure, colours as variables.

    `name` makes its ids its own, because a page holds several pictures; `title` and `words` are
    what it found and what it shows, for whom cannot see it.
    """
    drawn = io.StringIO()
    with house_style():
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    text = drawn.getvalue()
    text = text[text.index("<svg") :]
    text = _numbered(re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL))
    text = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', text)
    text = re.sub(r'(href="#|url\(#)([^")]+)', rf"\1{name}-\2", text)
    text = re.sub(r'\bd="[^"]+"', _rounded, text)
    text = text.replace("*{stroke", "svg *{stroke")
    text = text.replace("'DejaVu Sans'", FAMILIES.replace("'", "&quot;"))
    return described(tinted(text), name, title, words)


def _numbered(svg: str) -> str:
    """The ids that are sums over coordinates, as numbers in order of appearance.

    The last bit of a coordinate differs from processor to processor, and with it all of such an id.
    """
    numbers: dict[str, str] = {}

    def number(found: re.Match[str]) -> str:
        return numbers.setdefault(found[0], f"{found[0][0]}{len(numbers) + 1}")

    return re.sub(r'(?<=["#])[a-z][0-9a-f]{10}(?=[")])', number, svg)


def described(svg: str, name: str, title: str, words: str) -> str:
    """An SVG element with a title and a description, which screen readers tell."""
    told = f'<title id="{name}-told">{html.escape(title)}</title>'
    shows = f'<desc id="{name}-shows">{html.escape(words)}</desc>' if words else ""
    ids = f"{name}-told {name}-shows" if words else f"{name}-told"
    opened = svg.index(">")
    return f'{svg[:opened]} role="img" aria-labelledby="{ids}">{told}{shows}{svg[opened + 1 :]}'


def standing_alone(svg: str, title: str) -> str:
    """An SVG file that shows its title and follows light and dark by itself, for a README."""
    box = _BOX.search(svg)
    assert box, "every picture has a box"
    width, height = float(box[1]), float(box[2])
    opened = svg.index(">") + 1
    lines = wrap(title, int(width / _LETTER_PT))
    band = _TITLE_PT + _LINE_PT * (len(lines) - 1)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
        f' width="{width:g}pt" height="{height + band:g}pt" role="img"'
        f' viewBox="0 {-band:g} {width:g} {height + band:g}" version="1.1">'
    )
    style = f"<style>{variables()} svg {{ background: var(--page) }}</style>"
    words = "".join(
        f'<text x="6" y="{-9 - _LINE_PT * below:g}"'
        f' style="font: bold 12px {FAMILIES.replace(chr(34), chr(39))};'
        f' fill: var(--ink)">{html.escape(line)}</text>'
        for below, line in zip(range(len(lines) - 1, -1, -1), lines, strict=True)
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}{style}{words}{svg[opened:]}'


def variables() -> str:
    """The colours as CSS variables, for light pages, dark pages and paper."""
    light = "".join(f"--{name}: {tones[0]}; " for name, tones in TONES.items())
    dark = "".join(f"--{name}: {tones[1]}; " for name, tones in TONES.items())
    return (
        f":root {{ {light}}} @media screen and (prefers-color-scheme: dark) {{ :root {{ {dark}}} }}"
    )


def _rounded(path: re.Match[str]) -> str:
    """A path with hundredths of a point: finer than any screen, and half the size."""
    return re.sub(r"(\.\d\d)\d+", r"\1", " ".join(path[0].split()))
