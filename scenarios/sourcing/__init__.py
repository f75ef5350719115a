"""The ways of sourcing on the same real baskets, with invented geography."""

from scenarios.sourcing.comparing import compare
from scenarios.sourcing.geography import LABEL

__all__ = ["LABEL", "compare"]
