"""Finds what things cost on these servers: the figures of a profile that explain what was seen.

    step costs   from the runs of one client
    crowded      one statement, transaction and script over a thousand rows, at up to 32 clients
    hand-over    the same statement and transaction on one hot row
    pace         of each strategy, from its run at four clients

The middle two are mechanisms, fitted by simulating the same probe; the pace is what is left for a
strategy to explain when they have been (`pacing.py`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import log, sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
from scipy.optimize import nnls

from inventory_core.strategy import Needs
from inventory_core.strategy.registry import find_strategy
from scenarios.measuring.machine import available_cores
from scenarios.predicting import profile as costs
from scenarios.predicting.looking import Look
from scenarios.predicting.observing import (
    CLAIM,
    LINES,
    SCRIPT,
    TRANSACTION,
    UPDATE,
    Probe,
    Seen,
)
from scenarios.predicting.pacing import paces
from scenarios.predicting.profile import Profile
from scenarios.predicting.searching import (
    AWAKE_KEYS,
    HAND_OVER,
    HELD,
    IN_A_CROWD,
    found_by,
    simulated,
)
from scenarios.predicting.side_by_side import Everywhere

RIDES = frozenset({"Begin", "NewId", "Now", "Draw", "Node", "Sleep", "BackOff"})
READS = ("Read", "Find", "Due", "Sum", "Look")
LEAST_US = 2.0
TAIL_OF = 200
"""Steps of a kind that it takes to say how long the slowest hundredth of them is."""

Z99 = NormalDist().inv_cdf(0.99)
AWAKE = 0.7
"""A machine that is busy for so much of the time sleeps too short to be slow to wake."""


@dataclass
class Found:
    """What a calibration found. `spread`: the quartiles of every step's cost."""

    profile: Profile
    spread: dict[str, tuple[float, float]] = field(default_factory=dict)
    probes: list[Probe] = field(default_factory=list)


def calibrated(seen: Seen, progress: Callable[[str], None], everywhere: Everywhere = map) -> Found:
    """The profile that explains what was seen."""
    found = fit(seen, progress, everywhere)
    progress("fitting the pace of every strategy")
    found.profile = replace(found.profile, pace=paces(found.profile, seen.few, everywhere))
    return found


def fit(seen: Seen, progress: Callable[[str], None], everywhere: Everywhere = map) -> Found:
    """The profile that explains what was seen, but for the pace of strategies."""
    found = Found(_with_rows(_at_rest(seen.alone, seen.flush_us), seen.rows))
    found.spread = _spreads(seen.alone)
    progress("fitting the crowd")
    wide = [one for one in seen.probes if one.name != SCRIPT and one.cells > 1]
    scripts = [one for one in seen.probes if one.name == SCRIPT]
    found.profile = found_by([(IN_A_CROWD, wide), (AWAKE_KEYS, scripts)], found.profile, everywhere)
    _put_to_sleep(found, seen.alone)
    progress("fitting the hot row")
    one_row = [one for one in seen.probes if one.cells == 1]
    alone = [one for one in one_row if one.name == UPDATE]
    within = [one for one in one_row if one.name == TRANSACTION]
    for search in ((HAND_OVER, alone), (HELD, within)):  # a transaction is handed over as well
        found.profile = found_by([search], found.profile, everywhere)
    found.probes = [simulated(found.profile, probe) for probe in seen.probes]
    return found


# --------------------------------------------------------------------------------------- alone


def _at_rest(looks: Sequence[Look], flush_us: float) -> Profile:
    """Client, wake-up and server costs from runs of one client."""
    client = _client_costs(looks)
    wakes_us = {
        "sql": _wake_us([x for x in looks if _only(x, Needs.SQL)], client.sql_us, flush_us),
        "kv": _wake_us([x for x in looks if _only(x, Needs.KV)], client.kv_us, flush_us),
    }
    steps: dict[str, dict[str, list[float]]] = {"sql": defaultdict(list), "kv": defaultdict(list)}
    for one in looks:
        for kind, took_us in one.steps_us.items():
            store = _store_of(kind)
            if store:
                asked_us, wake_us = client.sql_us if store == "sql" else client.kv_us, 0.0
                if _is_awake(one):
                    asked_us = min(
                        asked_us, one.client_us / (_count(one, "sql") + _count(one, "kv"))
                    )
                else:
                    wake_us = wakes_us[store]
                waits_us = flush_us if _flushes(one, kind) else 0.0
                alone_us = _typical(took_us) - asked_us - 2 * wake_us - waits_us
                steps[store][kind].append(max(alone_us, LEAST_US))
    means = {
        store: {kind: round(float(np.median(us)), 2) for kind, us in sorted(kinds.items())}
        for store, kinds in steps.items()
    }
    return Profile(
        name="calibrated",
        machine=costs.Machine(
            server_cores=available_cores(),
            wake_us=_mean_of(wakes_us),
            unsteady=unsteadiness(looks),
        ),
        client=client,
        sql=costs.Sql(
            statement_us=_middle(means["sql"], 40.0),
            commit_us=means["sql"].get("Commit", 25.0),
            flush_us=round(flush_us, 1),
        ),
        kv=costs.Kv(command_us=_middle(means["kv"], 12.0)),
        sql_steps=means["sql"],
        kv_steps=means["kv"],
    )


def _with_rows(profile: Profile, rows: Mapping[str, tuple[Look, Look]]) -> Profile:
    """What each further row costs: the client's processor, and the rest of the step's time."""
    client_us, server_us = {}, {}
    for name, (one, many) in rows.items():
        kind = "ClaimHolds" if name == CLAIM else "ReadCells"
        longer_us = (_typical(many.steps_us[kind]) - _typical(one.steps_us[kind])) / (LINES - 1)
        client_us[name] = max((many.client_us - one.client_us) / (LINES - 1), 0.0)
        server_us[name] = round(max(longer_us - client_us[name], 0.2), 2)
    return replace(
        profile,
        client=replace(profile.client, row_us=round(client_us[CLAIM], 2)),
        sql=replace(profile.sql, row_us=server_us[CLAIM]),
        kv=replace(profile.kv, row_us=server_us[SCRIPT]),
    )


def _client_costs(looks: Sequence[Look]) -> costs.Client:
    """Processor time of a client: so much an order, a statement, a command (least squares)."""
    rows = [[1.0, _count(one, "sql"), _count(one, "kv")] for one in looks]
    weights = np.asarray([1 / one.client_us for one in looks])
    matrix = np.asarray(rows) * weights[:, None]
    found, _ = nnls(matrix, np.ones(len(looks)))
    order_us, sql_us, kv_us = (round(float(us), 2) for us in found)
    return costs.Client(order_us=order_us, sql_us=sql_us, kv_us=kv_us)


def _wake_us(looks: Sequence[Look], asked_us: float, flush_us: float) -> float:
    """What is left of the time of steps when all work is accounted for: two wake-ups each."""
    waits = []
    for one in looks:
        kinds = [kind for kind in one.steps_us if _store_of(kind)]
        count = sum(one.per_order[kind] for kind in kinds)
        took_us = sum(_typical(one.steps_us[kind]) * one.per_order[kind] for kind in kinds)
        flushes = sum(one.per_order[kind] for kind in kinds if _flushes(one, kind))
        left_us = took_us - flushes * flush_us - one.other_us - count * asked_us
        waits.append(left_us / (2 * count))
    return max(float(np.median(waits)), 0.0) if waits else 5.0


def _is_awake(one: Look) -> bool:
    """Did helpers keep the processors so busy that hardly anybody had to wake?"""
    return one.client_us + one.other_us > AWAKE * available_cores() * one.order_us


def _flushes(one: Look, kind: str) -> bool:
    """Does it wait for the disk? A commit does, and a statement that writes and stands alone."""
    writes = not kind.startswith(READS) or "Locked" in kind  # a lock is written into its row
    return kind == "Commit" or (kind in one.alone and _store_of(kind) == "sql" and writes)


def _typical(took_us: Any) -> float:
    """The mean without the slowest hundredth, which met a checkpoint or somebody else's work."""
    return float(took_us[took_us <= np.percentile(took_us, 99)].mean())


def unsteadiness(looks: Sequence[Look]) -> float:
    """How much the same work differs, from how far the slowest hundredth of a step is off.

    A step is two works, the client's and the server's, so each differs by the root of two more.
    """
    stretched = [
        log(np.percentile(took_us, 99) / np.median(took_us))
        for one in looks
        for kind, took_us in one.steps_us.items()
        if _store_of(kind) and not _flushes(one, kind) and len(took_us) >= TAIL_OF
    ]
    return round(sqrt(2) * float(np.median(stretched)) / Z99, 3) if stretched else 0.0


def _mean_of(wakes_us: Mapping[str, float]) -> float:
    """One figure for the processors; what a store takes beyond it counts as its work."""
    return round(float(np.mean(list(wakes_us.values()))), 2)


def _spreads(looks: Sequence[Look]) -> dict[str, tuple[float, float]]:
    """Quartiles of how long each kind of step took."""
    times: dict[str, list[Any]] = defaultdict(list)
    for one in looks:
        for kind, us in one.steps_us.items():
            times[kind].append(us)
    return {
        kind: (float(np.percentile(np.concatenate(us), 25)),
               float(np.percentile(np.concatenate(us), 75)))
        for kind, us in times.items()
    }  # fmt: skip


def _store_of(kind: str) -> str:
    """Whose step it is, by its name; empty for what nobody is asked for."""
    from inventory_core.steps import sql  # the module is the list of its steps

    if kind in RIDES or kind in ("Join", "Reply", "Fail"):
        return ""
    return "sql" if hasattr(sql, kind) else "kv"


def _count(one: Look, store: str) -> float:
    return sum(n for kind, n in one.per_order.items() if _store_of(kind) == store)


def _only(one: Look, need: Needs) -> bool:
    needs = find_strategy(one.strategy).needs.of_stores
    return needs == need and sum(_count(one, store) for store in ("sql", "kv")) > 0


def _middle(costs_us: Mapping[str, float], otherwise: float) -> float:
    return float(np.median(list(costs_us.values()))) if costs_us else otherwise


# --------------------------------------------------------------------------------------- crowds


def _put_to_sleep(found: Found, looks: Sequence[Look]) -> None:
    """What was only seen where nobody slept would take longer on a machine that is idle."""
    awake = {kind for one in looks if _is_awake(one) for kind in one.steps_us}
    rested = {kind for one in looks if not _is_awake(one) for kind in one.steps_us}
    more_us = found.profile.kv.awake_saves_us
    steps = {
        kind: round(us + more_us, 2) if kind in awake - rested else us
        for kind, us in found.profile.kv_steps.items()
    }
    found.profile = replace(found.profile, kv_steps=steps)
