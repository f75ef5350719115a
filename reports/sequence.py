"""A counterexample as a sequence diagram: a lifeline an actor, one for the stores, time downwards.

A request is a line to the stores, its answer a dashed line back. What is lost on the way ends at a
cross halfway, a client that dies ends its lifeline, and what a client was told stands in a box.
Text is text, and colours are the page's: the diagram follows light and dark.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from textwrap import wrap

from reports.colours import TONES, tinted
from reports.counterexamples import Move, Timeline
from reports.style import FAMILIES, described

STORES = "the stores"
_GAP, _MARGIN, _NUMBERS = 238.0, 84.0, 26.0
_LINE, _HEAD = 14.0, 40.0
_CHARACTERS = 34  # of a label, in the gap between two lifelines
_MONO = "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace"
_INK, _MUTED, _GRID, _VOID, _PAGE = (
    TONES[name][0] for name in ("ink", "muted", "grid", "void", "page")
)
_DASHED, _DOTTED = ' stroke-dasharray="4 3"', ' stroke-dasharray="1.5 3"'
_REPLIED, _LATE = {"answered"}, {"request_late", "arrives"}


def sequence_svg(timeline: Timeline, name: str) -> str:
    """The diagram as an SVG element, in pixels of its own size; `name` makes its ids its own."""
    actors = dict.fromkeys(move.actor for move in timeline.moves if move.kind != "time")
    sheet = _Sheet(_places(list(actors)))
    for number, move in enumerate(timeline.moves, 1):
        sheet.draw(number, move)
    return described(tinted(sheet.svg()), name, title_of(timeline), words_of(timeline))


def title_of(timeline: Timeline) -> str:
    """What the diagram shows."""
    return f"How {timeline.strategy} breaks “{timeline.promise or 'a promise'}”"


def words_of(timeline: Timeline) -> str:
    """Every move in words."""
    said = [f"{number}. {_said(move)}" for number, move in enumerate(timeline.moves, 1)]
    return " ".join(filter(None, [*said, timeline.sentence]))


def _said(move: Move) -> str:
    parts = (
        move.asks,
        f"answered {move.answer}" if move.answer else "",
        move.befalls,
        f"told “{move.told}”" if move.told else "",
    )
    return f"{move.actor}: {', '.join(part for part in parts if part)}."


def _places(actors: Sequence[str]) -> dict[str, float]:
    """Where each lifeline stands: the stores after the first actor, so that arrows stay short."""
    names = [*actors[:1], STORES, *actors[1:]]
    return {name: _NUMBERS + _MARGIN + _GAP * place for place, name in enumerate(names)}


@dataclass(slots=True)
class _Sheet:
    """A diagram that grows downwards, move by move."""

    places: dict[str, float]
    parts: list[str] = field(default_factory=list)
    down: float = _HEAD + 14
    ends: dict[str, float] = field(default_factory=dict)  # where a client died

    def draw(self, number: int, move: Move) -> None:
        """One move below the last."""
        at = self.places.get(move.actor, self.places[STORES])
        self.text(str(number), 6, self.down + 11, colour=_MUTED, anchor="start", mono=False)
        if move.kind == "time":
            self.note((move.asks or move.befalls).capitalize(), at, colour=_MUTED)
        elif move.kind == "noticed":
            self.note(move.befalls, self.places[STORES], colour=_MUTED)
        elif move.kind != "dies":
            self.request(move, at)
        if move.kind in {"dies", "dies_untold"}:
            self.death(move, at)
        if move.told:
            self.told(move.told, at)
        self.down += 12

    def request(self, move: Move, at: float) -> None:
        """What was asked, up to the stores or as far as it got, and what came back."""
        stores = self.places[STORES]
        half = (
            (at + stores) / 2 if abs(at - stores) <= _GAP else at + _toward(at, stores) * _GAP / 2
        )
        self.label(move.asks, at, _INK)
        begins = half if move.kind == "arrives" else at
        ends = half if move.kind in {"request_lost", "request_late"} else stores
        lost = move.kind == "request_lost"
        self.arrow(begins, ends, _INK, _DOTTED if move.kind in _LATE else "", cross=lost)
        if move.kind in _REPLIED and move.answer:
            self.label(move.answer, at, _MUTED)
            self.arrow(stores, at, _MUTED, _DASHED)
        elif move.kind == "reply_lost":
            self.label(move.befalls, at, _VOID, mono=False)
            self.arrow(stores, half, _VOID, _DASHED, cross=True)
        elif move.befalls and move.kind != "dies_untold":
            colour = _VOID if move.fault else _MUTED
            self.label(move.befalls, at, colour, mono=False)

    def death(self, move: Move, at: float) -> None:
        """The client's lifeline ends at a cross."""
        self.down += 8
        self.cross(at, self.down)
        self.ends[move.actor] = self.down
        side = 12 if at <= self.places[STORES] else -12
        anchor = "start" if side > 0 else "end"
        self.text(move.befalls, at + side, self.down + 4, colour=_VOID, anchor=anchor, mono=False)
        self.down += 8

    def told(self, words: str, at: float) -> None:
        """What the client was told, in a box on its lifeline."""
        lines = wrap(f"“{words}”", 20) or ["“”"]
        width, height = max(map(len, lines)) * 7.2 + 18, len(lines) * _LINE + 8
        self.box(at - width / 2, self.down + 2, width, height, _INK, 1.8)
        for place, line in enumerate(lines):
            below = self.down + 16 + place * _LINE
            self.text(line, at, below, anchor="middle", mono=False, bold=True)
        self.down += height + 4

    def note(self, words: str, at: float, colour: str) -> None:
        """Something that happens by itself, in a box on a lifeline."""
        lines = wrap(words, _CHARACTERS - 4)
        width, height = max(map(len, lines), default=1) * 6.6 + 16, len(lines) * _LINE + 8
        self.box(at - width / 2, self.down, width, height, _MUTED, 1)
        for place, line in enumerate(lines):
            self.text(line, at, self.down + 14 + place * _LINE, colour, "middle", mono=False)
        self.down += height

    def label(self, words: str, at: float, colour: str, *, mono: bool = True) -> None:
        """Words above a line, in the gap beside the actor that leads to the stores."""
        middle = at + _toward(at, self.places[STORES]) * _GAP / 2
        for line in wrap(words, _CHARACTERS):
            self.down += _LINE
            self.text(line, middle, self.down - 3, colour, "middle", mono=mono)

    def arrow(
        self, begins: float, ends: float, colour: str, dash: str, cross: bool = False
    ) -> None:
        """A line to the right or to the left, with a head, or a cross where it got lost."""
        y, way = self.down + 3, _toward(begins, ends)
        self.parts.append(
            f'<path d="M{begins:g} {y:g}H{ends - way * (0 if cross else 6):g}" fill="none"'
            f' stroke="{colour}" stroke-width="1.3"{dash}/>'
        )
        if cross:
            self.cross(ends, y)
        else:
            self.parts.append(
                f'<path d="M{ends:g} {y:g}l{-way * 8:g} -4v8z" fill="{colour}" stroke="none"/>'
            )
        self.down += 7

    def cross(self, x: float, y: float) -> None:
        """Where something ended too soon."""
        self.parts.append(
            f'<path d="M{x - 5:g} {y - 5:g}l10 10m0 -10l-10 10" fill="none" stroke="{_VOID}"'
            ' stroke-width="2.4"/>'
        )

    def box(self, x: float, y: float, width: float, height: float, edge: str, thick: float) -> None:
        """A box that hides the lifeline below it."""
        self.parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="5"'
            f' fill="{_PAGE}" stroke="{edge}" stroke-width="{thick:g}"/>'
        )

    def text(
        self,
        words: str,
        x: float,
        y: float,
        colour: str = _INK,
        anchor: str = "middle",
        *,
        mono: bool = True,
        bold: bool = False,
    ) -> None:
        """One line of text; `y` is its baseline."""
        family = _MONO if mono else FAMILIES
        weight = "bold " if bold else ""
        self.parts.append(
            f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" fill="{colour}"'
            f' style="font: {weight}11px {family}">{escape(words)}</text>'
        )

    def svg(self) -> str:
        """All of it, lifelines first, so that everything else lies on them."""
        width = _NUMBERS + 2 * _MARGIN + _GAP * (len(self.places) - 1)
        height, drawn = self.down + 10, self.parts
        self.parts = []
        for name, at in self.places.items():
            self._lifeline(name, at, height)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}"'
            f' viewBox="0 0 {width:g} {height:g}">{"".join([*self.parts, *drawn])}</svg>'
        )

    def _lifeline(self, name: str, at: float, height: float) -> None:
        ends = self.ends.get(name, height)
        line = f'fill="none" stroke="{_GRID}" stroke-width="2"'
        self.parts.append(f'<path d="M{at:g} {_HEAD:g}V{ends:g}" {line}/>')
        if ends < height:
            self.parts.append(f'<path d="M{at:g} {ends:g}V{height:g}" {line}{_DOTTED}/>')
        width = max(72.0, len(name) * 7.2 + 20)
        self.box(at - width / 2, 8, width, _HEAD - 12, _MUTED, 1.2)
        self.text(name, at, 26, mono=False, bold=True)


def _toward(begins: float, ends: float) -> float:
    """1 to the right, -1 to the left."""
    return 1.0 if ends >= begins else -1.0
