"""What the catalogue says of a strategy that somebody may choose: nothing here is measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from inventory_core.stores.stacks import stack_for
from inventory_core.strategy import UNFLUSHED, Fault, Strategy, UnitRows
from inventory_core.strategy.registry import strategies

SWEEPER = "sweeper"
"""The helper that ends unpaid holds: every strategy has it, so nobody is chosen for lacking it."""

FOR_EVER_S = float("inf")
LOSSES_S: Mapping[str, float] = {
    UNFLUSHED[Fault.POWER_LOST]: 1.0,  # appendfsync everysec
    UNFLUSHED[Fault.FAILOVER_WITH_LAG]: 1.0,  # a replica that keeps up is less than that behind
    "no order; the counter in Redis must be rebuilt from the rows": 0.0,
}
"""How many seconds of acknowledged orders a declared loss may take. Other words: any number."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A strategy, as its file declares it.

    loss_s    seconds of acknowledged orders that may be lost with a server
    lag_s     seconds until all stores agree; 0: right at once
    daemons   helpers that have to run beside the buyers
    """

    name: str
    kind: type[Strategy]

    @property
    def stack(self) -> str:
        """The smallest set of servers that it runs on; of what needs none, `null`."""
        return stack_for(self.kind).name

    @property
    def servers(self) -> tuple[str, ...]:
        """The servers of that stack."""
        return tuple(self.stack.split("+"))

    @property
    def daemons(self) -> tuple[str, ...]:
        """Helpers beside the buyers, but for the one that everybody has."""
        return tuple(each.name for each in self.kind().daemons() if each.name != SWEEPER)

    @property
    def parts(self) -> tuple[str, ...]:
        """All that has to be operated: servers, and helpers."""
        return (*self.servers, *self.daemons)

    @property
    def loss_s(self) -> float:
        """What a declared loss may take at most."""
        losses = self.kind.promises.loses.values()
        return max((LOSSES_S.get(words, FOR_EVER_S) for words in losses), default=0.0)

    @property
    def lag_s(self) -> float:
        """How long its stores may disagree."""
        return self.kind.promises.settles_within_s

    @property
    def unit_rows(self) -> int:
        """How many rows it keeps of an article at most, besides the article's own."""
        return self.kind().limits.units if issubclass(self.kind, UnitRows) else 0

    @property
    def needs(self) -> str:
        """What it asks of servers, in words."""
        return " and ".join(self.kind.needs.of_stores.words) or "nothing"


def candidates() -> tuple[Candidate, ...]:
    """Every strategy that there is, controls included: the rules leave those out, and say so."""
    return tuple(Candidate(name, kind) for name, kind in strategies().items())
