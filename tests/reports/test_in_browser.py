"""The report in a real browser: nothing fetched, nothing logged, readable by everybody."""

from __future__ import annotations

from pathlib import Path

import pytest

from reports.page import write_report
from tests.reports.browser import axe, browser, look

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(browser() is None, reason="there is no Chromium on this machine"),
]


@pytest.fixture(scope="module")
def page(made_up: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_report(made_up, tmp_path_factory.mktemp("page") / "a.html").read_text("utf-8")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390], ids=["wide", "narrow"])
def test_nothing_is_fetched_or_logged_and_the_page_never_scrolls_sideways(
    page: str, tmp_path: Path, width: int, dark: bool
) -> None:
    seen = look(page, tmp_path, width=width, dark=dark)
    assert (seen.width, seen.dark) == (width, dark)
    assert seen.refused == ()
    assert seen.logged == ()
    assert seen.needs <= width
    if not axe():
        pytest.skip("all but accessibility was checked: there is no axe on this machine")
    assert seen.grave == []


def test_what_is_wrong_with_a_page_is_seen(page: str, tmp_path: Path) -> None:
    wrong = (
        '<img src="https://shop.example/x.png"><svg><path d="nonsense"/></svg>'
        '<p style="width: 3000px">too wide</p>'
        '<p style="color: #eee; background: #fff">hardly to be read</p><a href="#"></a>'
    )
    seen = look(page.replace("<main>", f"<main>{wrong}"), tmp_path)
    assert seen.refused == ("https://shop.example/x.png",)
    assert any("nonsense" in line for line in seen.logged)
    assert seen.needs > seen.width
    if axe():
        rules = {one["rule"] for one in seen.grave}
        assert rules >= {"image-alt", "link-name"}
        if "color-contrast" not in rules:
            pytest.skip("all but contrast was checked: axe cannot judge it in this browser")
