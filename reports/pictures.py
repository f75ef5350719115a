"""The pictures of a comparison and the diagrams of its proofs, drawn once for page and files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reports.counterexamples import Timeline, timelines
from reports.figures import pictures_of
from reports.figures.picture import InFigures, Picture
from reports.load import Comparison
from reports.sequence import sequence_svg, title_of
from reports.style import svg_of


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture, for a wide and for a narrow page. The SVG is ours: names in it are escaped."""

    name: str
    title: str
    caption: str
    wide: str
    narrow: str
    figures: InFigures | None


@dataclass(frozen=True, slots=True)
class Sequence:
    """A counterexample and its diagram; without moves there is none."""

    name: str
    title: str
    timeline: Timeline
    svg: str


def shown_pictures(comparison: Comparison) -> list[Shown]:
    """Every picture for which the records hold something to draw."""
    drawn = (_shown(picture, comparison) for picture in pictures_of(comparison))
    return [shown for shown in drawn if shown is not None]


def sequences(comparison: Comparison) -> Iterator[Sequence]:
    """The counterexamples of the proofs."""
    for number, timeline in enumerate(timelines(comparison.proofs), 1):
        name = f"counterexample-{number}-{re.sub(r'[^a-zA-Z0-9_]+', '-', timeline.strategy)}"
        svg = sequence_svg(timeline, name) if timeline.moves else ""
        yield Sequence(name, title_of(timeline), timeline, svg)


def _shown(picture: Picture, comparison: Comparison) -> Shown | None:
    wide, narrow = (picture.draw(comparison, is_narrow) for is_narrow in (False, True))
    if wide is None or narrow is None:
        return None
    return Shown(
        name=picture.name,
        title=wide.title,
        caption=f"{picture.how_to_read} {wide.note}".strip(),
        wide=svg_of(wide.figure, picture.name, wide.title, wide.words),
        narrow=svg_of(narrow.figure, f"{picture.name}-narrow", narrow.title, narrow.words),
        figures=wide.figures,
    )
