"""The product window as a run knows it: where it is, and whether it shows what the source has."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol

import httpx

from inventory_core.problems import Problem
from scenarios.loading.window.witness import Witness

LOOK_EVERY_S = 0.05
ANSWER_WITHIN_S = 30.0


class Showing(Protocol):
    """A product system, and what keeps it in step with the source."""

    @property
    def url(self) -> str:
        """Where the product system answers."""

    def check(self) -> None:
        """A `Problem` if what keeps it in step has ended."""

    def rest(self) -> None:
        """Nothing changes any more: bring it up to date, if that is how it learns."""


Shown = Callable[[str, str], AbstractContextManager[Showing]]
"""Opens a window on the cells in a schema of a database."""


def wrong_in(window: Showing, witness: Witness, within_s: float) -> list[str]:
    """What the window shows wrong although it had so long to become right, in sentences."""
    deadline_s = time.monotonic() + within_s
    with httpx.Client(base_url=window.url, timeout=ANSWER_WITHIN_S, trust_env=False) as http:
        while wrong := list(_unlike(http, witness.cells())):
            window.check()
            if time.monotonic() > deadline_s:
                break
            time.sleep(LOOK_EVERY_S)
    return wrong


def _unlike(http: httpx.Client, cells: dict[str, int]) -> Iterator[str]:
    for sku, units in cells.items():
        shown = _shown(http, sku)
        if shown != units:
            said = "nothing" if shown is None else str(shown)
            yield f"the window shows {said} of {sku}, and there are {units}"


def _shown(http: httpx.Client, sku: str) -> int | None:
    """Units of an article; None if the product system does not know it."""
    try:
        answer = http.get(f"/stock/{sku}")
    except httpx.HTTPError as error:
        raise Problem(f"the product system does not answer ({error}): run it again") from None
    return int(answer.json()["total"]) if answer.is_success else None
