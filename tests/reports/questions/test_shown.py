"""A drawing in a notebook has its finding above it, however long that is."""

from matplotlib.figure import Figure

from reports.figures.picture import WIDE_IN, Drawing
from reports.questions.shown import shown


def test_nothing_is_shown_of_nothing() -> None:
    assert shown(None) is None


def test_a_long_finding_is_broken_into_lines_that_fit() -> None:
    figure = shown(Drawing("units are gone " * 12, "", Figure((WIDE_IN, 2))))
    assert figure is not None
    lines = figure.get_suptitle().splitlines()
    assert len(lines) > 1
    assert max(map(len, lines)) < 12 * WIDE_IN
    assert " ".join(lines) == ("units are gone " * 12).strip()
