"""Execute the notebooks in place: `python -m workbench.notebooks [NOTEBOOK…]`.

The same records give the same file: no times are recorded, and what names one machine or one
version of Python is left out.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

FOLDER = Path(__file__).parent.parent / "notebooks"
TIMEOUT_S = 300

_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


class LocalKernel(AsyncKernelManager):
    """A kernel behind sockets in the file system: it opens no port that others could reach."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(transport="ipc", **settings)


def executed(path: Path) -> nbformat.NotebookNode:
    """The notebook with the output of this execution; a cell that fails raises."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=TIMEOUT_S,
        kernel_name=_KERNEL["name"],
        record_timing=False,
        kernel_manager_class=LocalKernel,
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute()
    notebook.metadata = nbformat.from_dict(
        {"kernelspec": _KERNEL, "language_info": {"name": "python"}}
    )
    return notebook


def main(arguments: Sequence[str]) -> int:
    """Execute the notebooks named, or all of them; 1 if one of them fails."""
    paths = [Path(name) for name in arguments] or sorted(FOLDER.glob("*.ipynb"))
    for path in paths:
        try:
            nbformat.write(executed(path), path)
        except CellExecutionError as error:
            print(f"{path.name} failed: {error}", file=sys.stderr)
            return 1
        print(f"{path.name}: executed")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
