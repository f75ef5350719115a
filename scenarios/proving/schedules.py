"""How many schedules an exploration stands for."""

from __future__ import annotations

from scenarios.proving.explorer import Explored


def schedules(explored: Explored) -> int:
    """How many different ways lead from the first state to an end: counted, not walked."""
    following = explored.next
    waits_for = [0] * len(explored.states)
    for after in following:
        for at in after:
            waits_for[at] += 1
    ways = [0] * len(explored.states)
    ways[0], ready, total = 1, [0], 0
    while ready:
        at = ready.pop()
        after = following[at] if at < len(following) else []
        if not after:
            total += ways[at]
        for to in after:
            ways[to] += ways[at]
            waits_for[to] -= 1
            if not waits_for[to]:
                ready.append(to)
    return total
