"""A fault that struck during a run, as the checks see it."""

from __future__ import annotations

from dataclasses import dataclass

from inventory_core.strategy import Fault


@dataclass(frozen=True, slots=True)
class Strike:
    """What happened, from when until when (a server answers again, a process goes on), to whom."""

    fault: Fault
    began_ns: int
    over_ns: int
    whom: str = ""

    @property
    def words(self) -> str:
        """`server_killed (valkey) after 1.2 s`."""
        return f"{self.fault.value} ({self.whom}) after {self.began_ns / 1e9:.1f} s"
