"""What an architect asks: the load that comes, and what may be lost, late, or in the house.

Read strictly, like a scenario: a value out of its range is one sentence. Whatever is left out is no
restriction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inventory_core.problems import Problem
from scenarios.reading_toml import Place, fill, within
from scenarios.scenario import Scenario, load_scenario

STACKS = ("postgresql", "redis", "postgresql+redis")
"""The stacks that there are costs and figures of."""

BASE = "flash_sale"
"""The scenario that a question is put as; its duplicates and its retries are everybody's."""

TENTHS = 10


@dataclass(frozen=True, slots=True)
class Question:
    """A situation. Numbers of lines and of units are those of the articles that are asked for."""

    rate_per_s: float = within(0.0, 0, 1_000_000)  # orders; 0: as many as possible
    peak: float = within(1.0, 1, 1_000)  # times the rate, when it is highest
    articles: int = within(1, 1, 100_000)
    hot: int = within(1, 1, 100_000)  # articles that nearly everybody wants
    heat: float = within(0.0, 0, 1)  # the share of all lines that is for one of them
    stock: int = within(1_000_000_000, 1, 1_000_000_000)  # units of each article
    lines: float = within(1.0, 1, 200)  # of an order, on average
    buyers: int = within(16, 1, 256)  # orders that are under way at the same time
    pool: int = within(0, 0, 256)  # database connections that they share; 0: one each
    rtt_ms: float = within(0.0, 0, 10_000)  # from shop to servers and back; 0: as the profile has
    stacks: tuple[str, ...] = STACKS  # that may be used
    loss_s: float = within(60.0, 0, 3_600)  # of acknowledged orders may be lost with a server
    lag_s: float = within(60.0, 0, 3_600)  # until all stores agree
    undersell: bool = True  # may buyers be turned away while there is stock?
    daemons: bool = True  # may helpers run beside the buyers, other than one that ends holds?

    @property
    def wanted_per_s(self) -> float:
        """The rate that must be carried; 0: as many as possible."""
        return self.rate_per_s * self.peak


def read_question(table: Mapping[str, Any], place: Place) -> Question:
    """A question from the keys of a table; what makes no sense is one sentence."""
    question = fill(Question, dict(table), place)
    if question.hot > question.articles:
        raise place.problem(
            "hot",
            f"is {question.hot:,}, and articles is {question.articles:,}; write no more than that",
        )
    if not question.stacks:
        raise place.problem("stacks", "is empty; allow a database, Redis, or both")
    for stack in question.stacks:
        if stack not in STACKS:
            raise Problem(
                f"there are no figures of {stack!r} to recommend by; choose among"
                f" {', '.join(STACKS)}, or measure it: stockproof measure {BASE} --stack {stack}"
            )
    return question


def crowd_of(question: Question) -> Scenario:
    """So many buyers who never let up: what a strategy gets through at most."""
    return load_scenario(BASE, settings_of(question))


def stream_of(question: Question) -> Scenario:
    """Orders that arrive at the rate that was asked for, whatever the answers."""
    return load_scenario(BASE, [*settings_of(question), *rate_of(question)])


def settings_of(question: Question) -> list[str]:
    """What turns the base scenario into the question: settings for `--set`."""
    processes = 1 if question.pool or question.buyers % 2 else 2
    return [
        f"stock.cells={question.articles}",
        f"stock.quantity={question.stock}",
        f"demand.hot_cells={question.hot}",
        f"demand.hot_share={question.heat:g}",
        f"demand.lines={list(lines_of(question.lines))}".replace(" ", ""),
        f"demand.processes={processes}",
        f"demand.connections={question.buyers // processes}",
        f"demand.pool={question.pool}",
    ]


def rate_of(question: Question) -> list[str]:
    """The settings of an open loop at the peak of what is asked for."""
    return ["demand.kind=open", f"demand.rate_per_s={question.wanted_per_s:g}"]


def lines_of(mean: float) -> tuple[int, ...]:
    """So many lines an order, on average, to a tenth."""
    tenths = round(mean * TENTHS)
    few, more = divmod(tenths, TENTHS)
    if not more:
        return (few,)
    return (few,) * (TENTHS - more) + (few + 1,) * more
