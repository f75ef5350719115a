"""A drawing and a table as a notebook shows them: the finding above, no figure where none is."""

from __future__ import annotations

from textwrap import fill

import pandas as pd
from matplotlib.figure import Figure

from reports.figures.picture import Drawing
from reports.style import house_style
from reports.wording import ABSENT

_LETTERS_PER_IN = 11.5


def shown(drawing: Drawing | None) -> Figure | None:
    """The figure with its title; none, which a notebook shows as nothing, if nothing was drawn."""
    if drawing is None:
        return None
    figure = drawing.figure
    letters = int(figure.get_figwidth() * _LETTERS_PER_IN)
    with house_style():
        title = fill(drawing.title, letters)
        figure.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold")
        figure.set_facecolor("white")
    return figure


def in_figures(frame: pd.DataFrame, decimals: int = 2) -> pd.DataFrame:
    """The table, rounded, with a dash where a figure was not taken."""
    rounded = frame.round(decimals)
    return rounded.astype("object").where(rounded.notna(), ABSENT)
