"""Everything that is written of a comparison: page, Markdown, CSV, and each picture as a file.

    write_everything(Path("runs/flash_sale-…"))              # beside the records
    write_everything(Path("runs/flash_sale-…"), Path("out"))  # elsewhere

The same records give the same bytes.
"""

from __future__ import annotations

from pathlib import Path

from reports.load import load
from reports.markdown import csv_of, markdown_of
from reports.page import page_of
from reports.pictures import sequences, shown_pictures
from reports.style import standing_alone

PAGE = "report.html"


def write_everything(comparison: Path, out: Path | None = None) -> Path:
    """Write it into the folder `out`, the comparison's own unless told; answers the page's path."""
    loaded, folder = load(comparison), out or Path(comparison)
    folder.mkdir(parents=True, exist_ok=True)
    pictures, diagrams = shown_pictures(loaded), list(sequences(loaded))
    alone = [(one.name, one.title, one.wide) for one in pictures]
    alone += [(one.name, one.title, one.svg) for one in diagrams if one.svg]
    files = {
        PAGE: page_of(loaded, pictures, diagrams),
        "report.md": markdown_of(loaded, [(name, title) for name, title, _ in alone]),
        "report.csv": csv_of(loaded),
        **{f"{name}.svg": standing_alone(svg, title) for name, title, svg in alone},
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return folder / PAGE
