"""Execute the notebooks in place: `python -m workbench.notebooks [NOTEBOOK…]`.

The same records give the same file: no times are recorded, and what names one machine or one
version of Python is left out. Several are executed at a time, each by a kernel of its own.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from traitlets.config import Config

FOLDER = Path(__file__).parent.parent / "notebooks"
TIMEOUT_S = 300

_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def executed(path: Path) -> Any:
    """The notebook with the output of this execution; a cell that fails raises."""
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    with tempfile.TemporaryDirectory() as sockets:
        # Sockets in the file system: a kernel opens no port that others could reach.
        kernel = {"transport": "ipc", "ip": f"{sockets}/kernel"}
        NotebookClient(
            notebook,
            timeout=TIMEOUT_S,
            kernel_name=_KERNEL["name"],
            record_timing=False,
            resources={"metadata": {"path": str(path.parent)}},
            config=Config({"KernelManager": kernel}),
        ).execute()
    notebook.metadata.clear()
    notebook.metadata.update(kernelspec=dict(_KERNEL), language_info={"name": "python"})
    return notebook


@contextmanager
def all_executed(paths: Sequence[Path]) -> Iterator[Mapping[Path, Future[Any]]]:
    """Every notebook on its way to its output, as many at a time as there are processors."""
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        yield {path: workers.submit(executed, path) for path in paths}


def main(arguments: Sequence[str]) -> int:
    """Execute the notebooks named, or all of them; 1 if one of them fails."""
    status = 0
    with all_executed([Path(name) for name in arguments] or sorted(FOLDER.glob("*.ipynb"))) as done:
        for path, notebook in done.items():
            try:
                nbformat.write(notebook.result(), path)  # type: ignore[no-untyped-call]
            except CellExecutionError as error:
                print(f"{path.name} failed: {error}", file=sys.stderr)
                status = 1
            else:
                print(f"{path.name}: executed")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
