"""Which warehouse ships what: the contract, the question, and the ways of answering it."""

from inventory_core.sourcing.contract import Need, Option, Piece, Question, Sourcing

__all__ = ["Need", "Option", "Piece", "Question", "Sourcing", "find_sourcing"]


def find_sourcing(name: str) -> Sourcing:
    """A sourcing strategy by its name; see `registry`."""
    from inventory_core.sourcing.registry import find_sourcing as find

    return find(name)
