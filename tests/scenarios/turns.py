"""Made-up speeds of two sides that take turns, on a machine as restless as a real one."""

from __future__ import annotations

import numpy as np

from scenarios.measuring.slices import A_ROUND, WARM_UP_ROUNDS, Slices


def made_up(share: float, seed: int, rounds: int = 40) -> tuple[list[float], list[float]]:
    """Speeds by round of a side that does `share` of the other, and of the other.

    Neighbouring slices are alike (an autoregressive wander), the machine drifts, and stalls.
    """
    slices = Slices(seed, rounds)
    dice = np.random.default_rng(seed)
    wander = np.zeros(slices.count)
    for at in range(1, slices.count):
        wander[at] = 0.9 * wander[at - 1] + dice.normal(0, 0.06)
    drift = np.linspace(0, dice.normal(0, 0.3), slices.count)
    stalls = np.where(dice.random(slices.count) < 0.03, -1.0, 0.0)
    logs = wander + drift + stalls + dice.normal(0, 0.05, slices.count)
    sides = np.asarray(slices.sides)
    speeds = np.exp(logs) * np.where(sides == 0, share, 1.0)
    new, base = (
        np.where(sides == side, speeds, 0.0).reshape(-1, A_ROUND).sum(axis=1) for side in (0, 1)
    )
    return new[WARM_UP_ROUNDS:].tolist(), base[WARM_UP_ROUNDS:].tolist()
