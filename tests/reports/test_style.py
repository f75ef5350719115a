"""The house style: a strategy's colour never changes, and pictures follow the page."""

import re
import subprocess
import sys

import numpy as np
import pytest
from matplotlib.figure import Figure

from inventory_core.strategy import registry
from reports.colours import KNOWN, OTHERS, PALETTE, TONES, colour_of, mark_of, tone_of
from reports.style import standing_alone, svg_of, variables


def test_those_often_seen_together_are_told_apart() -> None:
    names = (
        *("conditional_update", "row_lock", "optimistic_version", "redis_lock_fenced"),
        *("redis_script", "redis_with_task", "naive_read_write", "redis_lock", "noop"),
    )
    assert len({colour_of(name) for name in names}) == len(names)


def test_no_two_strategies_of_ours_look_alike_and_each_is_one_of_ours() -> None:
    looks = [(tone_of(name), mark_of(name)) for name in KNOWN if name != "noop"]
    assert len(set(looks)) == len(looks)
    assert set(KNOWN) <= set(registry.strategies())


def test_a_strategy_of_somebody_else_needs_no_entry() -> None:
    assert colour_of("somebody_elses_strategy") in {TONES[tone][0] for tone in PALETTE}
    assert mark_of("somebody_elses_strategy") == OTHERS


@pytest.mark.slow
def test_an_unknown_strategy_keeps_its_colour_from_process_to_process() -> None:
    asked = "from reports.style import tone_of; print(tone_of('somebody_elses_strategy'))"
    said = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    assert said.strip() == tone_of("somebody_elses_strategy")


def contrast(one: str, other: str) -> float:
    """The contrast ratio of the web's accessibility guidelines (WCAG 2.2)."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("tone", ["ink", "muted", "void", "green", "vermilion", "blue"])
@pytest.mark.parametrize("page, which", [("#ffffff", 0), ("#14171b", 1)])
def test_words_can_be_read_on_both_pages(tone: str, page: str, which: int) -> None:
    assert contrast(TONES[tone][which], page) >= 4.5


@pytest.mark.parametrize("tone", sorted(TONES.keys() - {"page", "grid"}))
@pytest.mark.parametrize("page, which", [("#ffffff", 0), ("#14171b", 1)])
def test_marks_can_be_seen_on_both_pages(tone: str, page: str, which: int) -> None:
    assert contrast(TONES[tone][which], page) >= 3.0


def test_the_dark_colours_are_for_screens_only_since_paper_is_white() -> None:
    assert "@media screen and (prefers-color-scheme: dark)" in variables()


def test_a_picture_is_the_same_though_a_coordinate_differs_in_its_last_bit() -> None:
    def drawn(left: float) -> str:
        figure = Figure((4, 3))
        axes = figure.add_axes((left, 0.1, 0.8, 0.8))
        axes.plot([1, 2, 3], marker="o")
        axes.plot([3, 2, 1], marker="s")
        return svg_of(figure, "line", "A line")

    svg = drawn(0.1)
    assert svg == drawn(float(np.nextafter(0.1, 1)))
    assert 'clip-path="url(#line-p' in svg
    ids = [found.split('"')[0] for found in svg.split(' id="')[1:]]
    assert len(set(ids)) == len(ids)


def test_a_title_that_is_wider_than_its_picture_goes_on_below() -> None:
    drawn = '<svg width="144pt" viewBox="0 0 144 100"><g/></svg>'
    short, long = standing_alone(drawn, "Few words"), standing_alone(drawn, "word " * 10)
    assert short.count("<text") == 1
    assert 'viewBox="0 -26 144 126"' in short
    assert long.count("<text") == 3
    assert 'viewBox="0 -56 144 156"' in long
    assert re.findall(r'y="-\d+"', long) == ['y="-39"', 'y="-24"', 'y="-9"']
