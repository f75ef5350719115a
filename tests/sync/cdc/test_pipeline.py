"""A pipeline's file says what is meant, or is refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from inventory_core.problems import Problem
from inventory_core.sync.cdc.pipeline import load_pipeline

FILE = """
name = "shop"
source = "postgresql://a:secret@b/c"
broker = "redis://127.0.0.1/0"
product = "shown.db"
[limits]
backlog_messages = 7
[[table]]
name = "shop.cell"
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "cdc.toml"
    file.write_text(text)
    return file


def test_a_file_says_everything_and_an_option_says_it_over(tmp_path: Path) -> None:
    pipeline = load_pipeline(written(tmp_path, FILE), {"product": "other.db"}, [])
    assert (pipeline.name, pipeline.product) == ("shop", Path("other.db"))
    assert pipeline.limits.backlog_messages == 7
    assert pipeline.rules.tables == ("shop.cell",)
    assert "secret" not in repr(pipeline)


def test_options_alone_make_a_pipeline_of_cells() -> None:
    pipeline = load_pipeline(None, {"source": "postgresql://a/b"}, ["shop.cell"])
    assert pipeline.rules.by_table["shop.cell"].columns["sellable"] == "units"


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("colour = 1", "says 'colour'"),
        ("name = 1", "name in .* is a text"),
        ("source = ", "is no TOML"),
        ('source = "x"', "no table is named"),
        (FILE.replace('"shop"', '"My Shop"'), "cannot name a pipeline"),
        (FILE.replace("backlog_messages", "backlog"), "limits 'backlog'"),
        (FILE.replace("= 7", "= -7"), "a number above 0"),
        (FILE.replace("= 7", "= true"), "a number above 0"),
        ('[[table]]\nname = "shop.cell"', "no source is named"),
        (FILE + '[[table]]\nname = "shop.cell"', "named twice"),
        ('table = "shop.cell"', "one by one"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(Problem, match=complaint):
        load_pipeline(written(tmp_path, text), {}, [])


def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="cannot be read"):
        load_pipeline(tmp_path / "none.toml", {}, [])
