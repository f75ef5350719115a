"""Prove: every interleaving and every crash point of small cases, in process, deterministic."""

from scenarios.proving.counterexample import Counterexample
from scenarios.proving.proof import CaseResult, Proof
from scenarios.proving.prove import prove
from scenarios.proving.reference import Reference, reference_rate
from scenarios.proving.replay import replay

__all__ = [
    "CaseResult",
    "Counterexample",
    "Proof",
    "Reference",
    "prove",
    "reference_rate",
    "replay",
]
