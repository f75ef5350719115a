"""A real browser at a page: what it logs and would fetch, how wide the page is, what axe finds.

The page is set into a frame as wide as asked for, in a document of its own, which Chromium loads
without a window and prints when all has come to rest. No driver and no network are needed. What
looks at the page is put into it, behind its own policy, which allows no script; the rest of it
stays, so that whatever the page would fetch is refused, and told.
"""

from __future__ import annotations

import html
import importlib.util
import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
AXE_PACKAGE, AXE_FILE = "axe_core_python", "axe.min.js"
GRAVE = {"serious", "critical"}

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--enable-logging=stderr", "--virtual-time-budget=20000", "--window-size=1500,1000"),
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
_PROBE = """
const refused = [];
document.addEventListener("securitypolicyviolation", e => refused.push(e.blockedURI));
addEventListener("load", async () => {
  for (const each of document.querySelectorAll("details")) each.open = true;
  const root = document.documentElement;
  const found = {
    refused,
    dark: matchMedia("(prefers-color-scheme: dark)").matches,
    width: innerWidth,
    needs: root.scrollWidth,
    broken: [],
  };
  if (window.axe) {
    const { violations } = await axe.run(document, { resultTypes: ["violations"] });
    found.broken = violations.map(one => ({
      rule: one.id, impact: one.impact, where: one.nodes.slice(0, 5).map(n => n.html.slice(0, 200)),
    }));
  }
  parent.document.getElementById("found").textContent = JSON.stringify(found);
});
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the browser saw. `broken`: rules of axe, with their impact and where."""

    refused: tuple[str, ...]  # what the page would have fetched
    logged: tuple[str, ...]  # lines of the console
    dark: bool
    width: int
    needs: int  # pixels across; more than `width`, and the page scrolls sideways
    broken: tuple[dict[str, Any], ...]

    @property
    def grave(self) -> list[dict[str, Any]]:
        """What hinders people: serious or critical by axe's own measure."""
        return [one for one in self.broken if one["impact"] in GRAVE]


def browser() -> str | None:
    """The browser on this machine, if there is one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def axe() -> str:
    """The source of axe, if it is installed or STOCKPROOF_AXE names it; else nothing."""
    if given := os.environ.get("STOCKPROOF_AXE"):
        return Path(given).read_text("utf-8")
    spec = importlib.util.find_spec(AXE_PACKAGE)
    places = list(spec.submodule_search_locations or ()) if spec else []
    return next(
        (path.read_text("utf-8") for place in places for path in Path(place).rglob(AXE_FILE)), ""
    )


def look(page: str, place: Path, *, width: int = 1280, dark: bool = False) -> Seen:
    """Look at a page in a frame of so many pixels; `place` is an empty folder."""
    name = browser()
    assert name is not None, "ask browser() first"
    document = place / "document.html"
    frame = f"<iframe width={width} height=900 style='border:0' srcdoc=\"{_watched(page)}\">"
    document.write_text(
        f"<!doctype html><meta charset=utf-8><pre id=found></pre>{frame}</iframe>", "utf-8"
    )
    scheme = f"--blink-settings=preferredColorScheme={0 if dark else 1}"
    words = [name, *_FLAGS, scheme, f"--user-data-dir={place / 'profile'}", "--dump-dom"]
    ended = subprocess.run(
        [*words, document.as_uri()], capture_output=True, text=True, check=True, timeout=100
    )
    told = re.search(r'<pre id="found">(.*?)</pre>', ended.stdout, re.DOTALL)
    assert told is not None, ended.stderr
    assert told[1], f"the page never loaded: {ended.stderr}"
    found = json.loads(html.unescape(told[1]))
    return Seen(
        refused=tuple(found["refused"]),
        logged=tuple(line for line in ended.stderr.splitlines() if "CONSOLE" in line),
        dark=found["dark"],
        width=found["width"],
        needs=found["needs"],
        broken=tuple(found["broken"]),
    )


def _watched(page: str) -> str:
    """The page with the probe in it, as an attribute."""
    assert _POLICY in page, "a page says itself that it fetches nothing"
    head, rest = page.split(_POLICY, 1)
    until = rest.index(">") + 1
    probe = f"<script>{axe()}</script><script>{_PROBE}</script>"
    allowed = f"{head}{_POLICY}; script-src 'unsafe-inline'{rest[:until]}{probe}{rest[until:]}"
    return html.escape(allowed)
