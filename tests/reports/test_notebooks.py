"""The notebooks run from the published records, and print what is committed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import matplotlib
import nbformat
import pytest

from reports.questions import shelf
from workbench.notebooks import FOLDER, all_executed, main

NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
QUESTIONS = (
    "choosing_a_strategy",
    "hotspots",
    "one_run_closely",
    "predicted_and_measured",
    "sync_lag",
    "throughput_compared",
    "what_a_crash_costs",
    "where_the_time_goes",
)
RENEW = "run `make notebooks` and commit it"


def cells_of(path: Path, kind: str) -> list[str]:
    notebook = nbformat.read(path, as_version=4)
    return [cell.source for cell in notebook.cells if cell.cell_type == kind]


def printed(notebook: nbformat.NotebookNode) -> list[str]:
    """What the cells print; pictures and tables depend on versions of the libraries."""
    return [
        output.text
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "stream"
    ]


@pytest.fixture(scope="module")
def anew() -> Iterator[Mapping[Path, Future[Any]]]:
    """All notebooks, executed side by side."""
    with all_executed(NOTEBOOKS) as done:
        yield done


def test_there_is_a_notebook_for_every_question_and_the_readme_names_it() -> None:
    assert [path.stem for path in NOTEBOOKS] == list(QUESTIONS)
    page = (FOLDER / "README.md").read_text("utf-8")
    assert [name for name in QUESTIONS if f"| `{name}.ipynb` |" not in page] == []


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_prints_what_is_committed(
    path: Path, anew: Mapping[Path, Future[Any]]
) -> None:
    committed = nbformat.read(path, as_version=4)
    assert printed(committed), "a notebook is committed with its output"
    assert printed(anew[path].result()) == printed(committed), RENEW


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_without_records_says_what_is_missing(
    path: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(shelf, "PUBLISHED", tmp_path)
    names: dict[str, Any] = {}
    with matplotlib.rc_context({"backend": "agg"}):
        for source in cells_of(path, "code"):
            plain = [line for line in source.splitlines() if not line.startswith("%")]
            exec("\n".join(plain), names)
    assert "Not published yet: " in capsys.readouterr().out


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_imports_nothing_of_ours_but_reports(path: Path) -> None:
    imported = {
        line.split()[1].split(".")[0]
        for source in cells_of(path, "code")
        for line in source.splitlines()
        if line.startswith(("import ", "from "))
    }
    assert "reports" in imported
    assert imported <= {"reports", "pandas", "numpy", "matplotlib"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_states_no_figure_in_its_text(path: Path) -> None:
    assert not any(sign.isdigit() for text in cells_of(path, "markdown") for sign in text)


@pytest.mark.slow
def test_a_notebook_that_fails_is_told_and_left_as_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 / 0", id="broken")])
    path = tmp_path / "broken.ipynb"
    nbformat.write(broken, path)
    before = path.read_bytes()
    assert main([str(path)]) == 1
    assert "ZeroDivisionError" in capsys.readouterr().err
    assert path.read_bytes() == before
