"""A process of Locust's: it takes its seat, and ends with its parent.

gevent replaces much of Python on the import of Locust. That must never happen in a process of
`stockproof` itself, so Locust lives in children, and what it must not replace is done before.
"""

from __future__ import annotations

import json
import signal
import sys

from scenarios.lifeline import die_with_parent
from scenarios.loading.job import Seat


def main(lifeline: int) -> None:
    """Take the seat that is described on standard input."""
    die_with_parent(lifeline)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent to answer
    seat = Seat(**json.load(sys.stdin))
    # Only now, and only here: from this import on, whatever blocks is gevent's.
    from scenarios.loading.seats import take

    sys.exit(take(seat))
