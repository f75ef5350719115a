"""What a single clerk would have sold to the same buyers, one after the other.

Baskets are all or nothing, so min(demand, stock) - sold would accuse the innocent: units may be
left over because the next basket did not fit. So the same orders are served once more, serially, in
the order in which they were first sent; what the clerk sells beyond the run is `units_left_over`.
"""

from __future__ import annotations

import numpy as np

from scenarios.checks.case import Case


def units_left_over(case: Case) -> int:
    """Units that a serial run of the same arrivals owns at the end, and this run does not."""
    truth = case.truth
    sold = sum(sum(order.units().values()) for order in (truth.orders if truth else {}).values())
    return max(0, units_sold_serially(case) - sold)


def units_sold_serially(case: Case) -> int:
    """Serve every order when it was first sent, and give back when it was given back."""
    history, moves = case.history, case.moves
    operations, takes = history.operations, history.takes
    back = np.flatnonzero(moves.sign < 0)
    count = len(operations.order)
    when = np.concatenate([operations.first_sent_ns, moves.sent_ns[back]])
    whose = np.concatenate([np.arange(count), moves.operation[back]])
    gives = np.arange(len(when)) >= count
    left = history.supply_of(case.supply).tolist()
    start, cell, quantity = (column.tolist() for column in takes)
    body, number = operations.body.tolist(), operations.order.tolist()
    owned: dict[int, int] = {}
    served: set[int] = set()
    for event in np.argsort(when, kind="stable").tolist():
        operation = int(whose[event])
        lines = range(start[body[operation]], start[body[operation] + 1])
        if gives[event]:
            if owned.pop(operation, None) is not None:
                for line in lines:
                    left[cell[line]] += quantity[line]
            continue
        if number[operation] in served:  # the same number with another body
            continue
        if all(left[cell[line]] >= quantity[line] for line in lines):
            served.add(number[operation])
            owned[operation] = sum(quantity[line] for line in lines)
            for line in lines:
                left[cell[line]] -= quantity[line]
    return sum(owned.values())
