"""Execute the notebooks in place: `python -m workbench.notebooks [NOTEBOOK…]`.

The same records give the same file: no times are recorded, and what names one machine or one
version of Python is left out.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
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


def main(arguments: Sequence[str]) -> int:
    """Execute the notebooks named, or all of them; 1 if one of them fails."""
    paths = [Path(name) for name in arguments] or sorted(FOLDER.glob("*.ipynb"))
    for path in paths:
        try:
            nbformat.write(executed(path), path)  # type: ignore[no-untyped-call]
        except CellExecutionError as error:
            print(f"{path.name} failed: {error}", file=sys.stderr)
            return 1
        print(f"{path.name}: executed")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
