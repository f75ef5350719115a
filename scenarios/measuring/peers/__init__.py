"""The load driver beside the tools of the trade, on the same server, in turns."""

from scenarios.measuring.peers.peers import TURNS, Peer, Step, compare, works
from scenarios.measuring.peers.redis_benchmark import installed

__all__ = ["TURNS", "Peer", "Step", "compare", "installed", "works"]
