"""How the rate of an open loop rises and falls: each shape maps even time to the clock's.

    steady    the same rate throughout
    bursts    `peak` times the rate at the start of every period, then nobody until it is over
    flash     `peak` times the rate at the start; what is above the rate decays, to 37 % in a period
    diurnal   a sine over a period, which starts at its lowest; `peak` times the rate at its highest

Of bursts and of a day the mean is the stated rate; a flash comes on top of it. Order number n of a
steady stream comes after n / rate seconds; here it comes when so many have: at t with L(t) = n /
rate, where L is the integral of the shape.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Seconds = npt.NDArray[np.float64]

SHAPES = ("steady", "bursts", "flash", "diurnal")
_HALVINGS = 60  # of an interval: down to the last bit of a double


def shaped(shape: str, even_s: Seconds, period_s: float, peak: float) -> Seconds:
    """When those come who would come at `even_s` in a steady stream; as many, in the same order."""
    if shape == "bursts":
        whole, within = np.divmod(even_s, period_s)
        return np.asarray(whole * period_s + within / peak)
    if shape == "flash":
        return _inverse(lambda at_s: _flash(at_s, period_s, peak), even_s, even_s)
    if shape == "diurnal":
        return _inverse(lambda at_s: _day(at_s, period_s, peak), even_s, even_s + period_s)
    assert shape == "steady", shape
    return even_s


def relative_rate(shape: str, at_s: Seconds, period_s: float, peak: float) -> Seconds:
    """How many times the stated rate it is at a time."""
    if shape == "bursts":
        return np.where(at_s % period_s < period_s / peak, peak, 0.0)
    if shape == "flash":
        return np.asarray(1 + (peak - 1) * np.exp(-at_s / period_s))
    if shape == "diurnal":
        return np.asarray(1 - (peak - 1) * np.cos(2 * np.pi * at_s / period_s))
    return np.ones_like(at_s)


def _flash(at_s: Seconds, period_s: float, peak: float) -> Seconds:
    return np.asarray(at_s + (peak - 1) * period_s * -np.expm1(-at_s / period_s))


def _day(at_s: Seconds, period_s: float, peak: float) -> Seconds:
    turn = 2 * np.pi / period_s
    return np.asarray(at_s - (peak - 1) / turn * np.sin(turn * at_s))


def _inverse(reached: Callable[[Seconds], Seconds], wanted: Seconds, most_s: Seconds) -> Seconds:
    """Where a function that never falls has these values, from 0 to `most_s`."""
    low, high = np.zeros_like(wanted), most_s.copy()
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        over = reached(middle) > wanted
        high = np.where(over, middle, high)
        low = np.where(over, low, middle)
    return np.asarray((low + high) / 2)
