"""The walks of the READMEs are walked, command by command, and answer what the pages say."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.api.serving import ADMIN_KEY, ROOT, serving
from tests.examples.walks import Stride, strides, walked

PAGES = [
    page
    for page in ("inventory_core/README.md", "README.md")
    if "<!-- walk -->" in (ROOT / page).read_text("utf-8")
]
STAND_IN = Path(__file__).with_name("curl_stand_in.py")


def stand_in(folder: Path) -> str:
    """A PATH on which `curl` is ours."""
    script = folder / "bin" / "curl"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "{STAND_IN}" "$@"\n')
    script.chmod(0o755)
    return f"{script.parent}:/usr/bin:/bin"


@pytest.mark.live
@pytest.mark.slow
@pytest.mark.parametrize("page,curl", [*[(page, "curl") for page in PAGES], (PAGES[0], "stand-in")])
def test_a_walk_answers_what_its_page_says(page: str, curl: str, tmp_path: Path) -> None:
    walk = strides(ROOT / page)
    assert len(walk) >= 10, f"the walk of {page} has only {len(walk)} commands"
    environment = {"STOCKPROOF_ADMIN_KEY": ADMIN_KEY}
    if curl == "stand-in" or shutil.which("curl") is None:
        environment["PATH"] = stand_in(tmp_path)
    with serving() as served:
        said = walked(walk, tmp_path, environment | {"URL": served.url})
    assert len(said) == len(walk)
    for stride, answer in zip(walk, said, strict=True):
        assert stride.matches(answer), f"$ {stride.command}\n{answer}\ninstead of\n{stride.answer}"


def test_a_page_that_states_a_wrong_number_is_caught() -> None:
    said = '{"sku":"kettle","physical":12,"in_transit":0,"sellable":9} 200'
    assert Stride("look", '{...,"physical":12,...,"sellable":9} 200').matches(said)
    assert not Stride("look", '{...,"physical":12,...,"sellable":8} 200').matches(said)
    assert not Stride("look", '{...,"physical":12,...} 201').matches(said)
    assert not Stride("look", "").matches(said)


def test_every_example_stands_on_the_page() -> None:
    page = (ROOT / "inventory_core/README.md").read_text("utf-8")
    examples = {path.name for path in Path(__file__).parent.glob("test_*.py")}
    assert [name for name in sorted(examples) if f"(../tests/examples/{name})" not in page] == []
