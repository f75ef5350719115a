"""How much faster is one of two that took turns? A ratio, its interval, and what it means.

Two things that are measured one after the other differ by what the machine did meanwhile. Measured
in rounds of two slices, in the order A B or B A as a coin fell, whatever lasts longer than a round
befalls both. If the two were the same, the coin alone would have decided which of them a
round favours: turning the sign of any round's difference would be as likely an outcome, however
much the rounds depend on each other. So the test needs no model of the noise, and no independence
of neighbouring slices: the dice that ordered the slices are the chance that it reckons with.

The ratio is the median of all averages of two rounds (J. L. Hodges and E. L. Lehmann, 1963), and
the interval holds every ratio that Wilcoxon's signed ranks would not refuse: one bad round moves
neither by much.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

import numpy as np
import numpy.typing as npt
from scipy.stats import norm, wilcoxon

CONFIDENCE = 0.95
ROUNDS = 6
"""With fewer, nothing could be significant: signs have a chance of 2 / 2**rounds at least."""

EXACT_MOST = 300
"""Rounds up to which the signs are counted; beyond, their sum is normal for all that is seen."""

MATERIAL = 0.05


@dataclass(frozen=True, slots=True)
class Ratio:
    """The speed of one as a share of the other's, how sure that is, and what it means.

    faster, slower   the interval leaves out 1, and the ratio is off by what is material, or more
    same             the whole interval lies closer to 1 than what is material
    unknown          neither: too few rounds, or too much noise; `why` says which
    """

    ratio: float
    low: float
    high: float
    p: float
    rounds: int
    material: float
    verdict: str
    why: str = ""


def unknown(why: str, material: float = MATERIAL, rounds: int = 0) -> Ratio:
    """Nothing can be said, and why."""
    return Ratio(1.0, 0.0, float("inf"), 1.0, rounds, material, "unknown", why)


def ratio_of_turns(
    some: Sequence[float], others: Sequence[float], material: float = MATERIAL
) -> Ratio:
    """The speeds of two in the same rounds, one of each a round, compared."""
    assert len(some) == len(others), "every round has a speed of each"
    rounds = len(some)
    if rounds < ROUNDS:
        return unknown(
            f"{rounds} rounds are too few to tell a difference from chance: it takes {ROUNDS},"
            " so give it more seconds",
            material,
            rounds,
        )
    logs = np.asarray([log(a / b) for a, b in zip(some, others, strict=True)])
    middle, low, high = _hodges_lehmann(logs)
    p = float(wilcoxon(logs).pvalue) if logs.any() else 1.0
    return judged(exp(middle), exp(low), exp(high), p, rounds, material)


def _hodges_lehmann(
    logs: npt.NDArray[np.float64],
) -> tuple[float, float, float]:
    """The median of the averages of two, and the interval of those that are not refused."""
    first, second = np.triu_indices(len(logs))
    averages = np.sort((logs[first] + logs[second]) / 2)
    left_out = _left_out(len(logs))
    return float(np.median(averages)), float(averages[left_out]), float(averages[-1 - left_out])


def _left_out(rounds: int) -> int:
    """How many of the averages the interval leaves out at each end, by counting signs."""
    if rounds > EXACT_MOST:
        pairs = rounds * (rounds + 1)
        spread = (pairs * (2 * rounds + 1) / 24) ** 0.5
        return int(pairs / 4 + norm.ppf((1 - CONFIDENCE) / 2) * spread)
    ways = np.ones(1)
    for rank in range(1, rounds + 1):  # the sums of ranks that so many coins can give
        more = np.zeros(len(ways) + rank)
        more[: len(ways)] = ways
        more[rank:] += ways
        ways = more / 2
    below = np.cumsum(ways)
    return max(0, int(np.searchsorted(below, (1 - CONFIDENCE) / 2, side="right")) - 1)


def judged(ratio: float, low: float, high: float, p: float, rounds: int, material: float) -> Ratio:
    """What a ratio with this interval and this chance means."""

    def found(verdict: str, why: str = "") -> Ratio:
        return Ratio(ratio, low, high, p, rounds, material, verdict, why)

    significant = p < 1 - CONFIDENCE and not low <= 1 <= high
    if significant and ratio <= 1 - material:
        return found("slower")
    if significant and ratio >= 1 + material:
        return found("faster")
    if 1 - material < low and high < 1 + material:
        return found("same")
    return found(
        "unknown",
        f"the interval reaches from {low:.3f} to {high:.3f} of the other's speed, and a"
        f" difference of {material:.0%} is what counts: measure for longer",
    )
