"""Everything that is written of a comparison, and that the committed ones can be written again."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reports.load import PUBLISHED
from reports.writing import write_everything
from tests.reports.alike import alike

pytestmark = pytest.mark.slow

COMMITTED = sorted(path.parent for path in PUBLISHED.rglob("comparison.json"))


def written(comparison: Path, out: Path) -> dict[str, bytes]:
    page = write_everything(comparison, out)
    assert page == out / "report.html"
    return {path.name: path.read_bytes() for path in out.iterdir()}


@pytest.fixture(scope="module")
def found(made_up: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files that are written of the made-up comparison, by name."""
    return written(made_up, tmp_path_factory.mktemp("out") / "deep")


def test_page_tables_and_pictures_are_written_into_a_folder(found: dict[str, bytes]) -> None:
    pictures = {"goodput", "frontier", "latency", "stock", "over_time"}
    proofs = {"counterexample-1-naive_read_write", "counterexample-2-redis_lock"}
    svgs = {f"{name}.svg" for name in pictures | proofs}
    assert set(found) == {"report.html", "report.md", "report.csv"} | svgs


def test_each_picture_is_a_well_formed_file_that_says_what_it_found(
    found: dict[str, bytes],
) -> None:
    titles = {
        "goodput.svg": "redis_script holds at",
        "latency.svg": "p95 of accepted orders:",
        "stock.svg": "naive_read_write promised 37",
        "frontier.svg": "redis_script is as good as any other at everything",
        "over_time.svg": "deducts the most evenly",
        "counterexample-1-naive_read_write.svg": "naive_read_write breaks “never oversells”",
    }
    for name, title in titles.items():
        words = "".join(ET.fromstring(found[name].decode()).itertext())
        assert title in words, name


def test_there_are_committed_comparisons() -> None:
    assert {path.name for path in COMMITTED} >= {"flash_sale", "last_units", "power_lost"}


def named(comparison: Path) -> str:
    return str(comparison.relative_to(PUBLISHED))


def pages() -> Iterator[Any]:
    """A page of the whole catalogue takes as long as ten: all but one are for the soak."""
    first = PUBLISHED / "campaign" / "flash_sale"
    for comparison in COMMITTED:
        late = comparison.parent.name == "campaign" and comparison != first
        yield pytest.param(
            comparison, marks=[pytest.mark.soak] if late else [], id=named(comparison)
        )


@pytest.mark.parametrize("comparison", list(pages()))
def test_a_committed_comparison_is_written_again_as_it_is(comparison: Path, tmp_path: Path) -> None:
    again = written(comparison, tmp_path)
    kept = {path.name for path in comparison.iterdir() if path.is_file()}
    assert kept == set(again) | {"comparison.json"}
    for name, text in again.items():
        assert alike(text, (comparison / name).read_bytes()), (
            f"make {named(comparison)}/{name} again"
        )


def test_pages_are_alike_but_for_the_last_digit_of_a_coordinate() -> None:
    page = b'<rect x="92.340553" width="466.259207"/> 7 orders, 1.1 times'
    assert alike(page, page.replace(b"466.259207", b"466.259208"))
    assert not alike(page, page.replace(b"466.259207", b"466.259307"))
    assert not alike(page, page.replace(b"7 orders", b"8 orders"))
    assert not alike(page, page.replace(b"1.1 times", b"1.2 times"))
