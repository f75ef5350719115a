"""What lies in `reports/published`, and a sentence for what does not lie there yet.

Notebooks ask here, so that a question whose records were not published yet is answered with the
command that publishes them, and not with a traceback.
"""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from reports.load import PUBLISHED, Comparison, absent, load
from reports.wording import listed

COMMAND = "python -m workbench.published"


def published(name: str) -> Comparison:
    """A published comparison; one without rows where none was published under that name."""
    folder = PUBLISHED / name
    return load(folder) if (folder / "comparison.json").exists() else absent(folder)


def table(path: str) -> pd.DataFrame:
    """A published table such as `cdc/slow.csv`; an empty one where none was published."""
    file = PUBLISHED / path
    return pd.read_csv(file) if file.exists() else pd.DataFrame()


def record(path: str) -> dict[str, Any]:
    """A published JSON record such as `sync_lag/lag.json`; empty where none was published."""
    file = PUBLISHED / path
    found: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return found


def lacking(*names: str) -> list[str]:
    """The sentence for what was not published, if anything: what, and how it is made."""
    if not names:
        return []
    return [
        f"Not published yet: {listed(names)}. `{COMMAND} {' '.join(names)}` measures that and"
        " publishes it; then `make notebooks` fills in what is missing here."
    ]


def anew(name: str) -> str:
    """The sentence for a comparison that is there, and lacks what is published by now."""
    return f"`{COMMAND} {name}` measures it anew, with that; then `make notebooks`."


def without_rows(*comparisons: Comparison) -> list[str]:
    """The names of those of which nothing was published."""
    return [comparison.path.name for comparison in comparisons if comparison.rows.empty]
