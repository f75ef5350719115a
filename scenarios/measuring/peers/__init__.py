"""The load driver beside the tools of the trade, on the same server, in turns."""

from scenarios.measuring.peers.peers import Peer, Step, compare, works

__all__ = ["Peer", "Step", "compare", "works"]
