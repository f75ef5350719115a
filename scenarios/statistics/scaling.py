"""How speed grows with clients, and when it falls: the Universal Scalability Law, fitted.

    rate(n) = alone * n / (1 + waits * (n - 1) + talks * n * (n - 1))

`waits` is the share of the work that only one client can do at a time; `talks` is what each pair of
clients costs (a lock that changes hands, a cache line that moves), and makes the curve fall again.
Source: N. J. Gunther, "Guerrilla Capacity Planning", Springer, 2007.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt
from scipy.optimize import curve_fit
from scipy.stats import t

from inventory_core.problems import Problem

COUNTS = 5
"""Client counts that a fit of three parameters takes, so that two are left to judge it by."""

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scaling:
    """The fitted law, with 95 % intervals. `peak_clients`: where it is highest; None: nowhere."""

    alone_per_s: float
    alone_per_s_low: float
    alone_per_s_high: float
    waits: float
    waits_low: float
    waits_high: float
    talks: float
    talks_low: float
    talks_high: float
    r_squared: float
    peak_clients: float | None
    peak_per_s: float | None
    points: int


def law(clients: Numbers, alone: float, waits: float, talks: float) -> Numbers:
    """The rate at each client count."""
    others = clients - 1
    return np.asarray(alone * clients / (1 + waits * others + talks * clients * others))


def fit_scaling(clients: Sequence[float], rates_per_s: Sequence[float]) -> Scaling:
    """Fit the law to rates at several client counts. `Problem`: there are too few of them."""
    counts = len(set(clients))
    if counts < COUNTS:
        raise Problem(
            f"a scaling law has three parameters, and {counts} client counts say too little about"
            f" them: measure at {COUNTS} or more, such as 1,2,4,8,16"
        )
    at, rates = np.asarray(clients, dtype=float), np.asarray(rates_per_s, dtype=float)
    first = max(float(rates[at == at.min()].mean() / at.min()), 1e-9)
    found, covariance = curve_fit(
        law,
        at,
        rates / first,  # all parameters of a like size
        p0=(1.0, 0.05, 0.001),
        bounds=([1e-6, 0.0, 0.0], [100.0, 1.0, 1.0]),
        sigma=np.maximum(rates / first, 1e-9),  # noise is a share of the rate
        maxfev=20_000,
    )
    half = np.sqrt(np.diag(covariance)) * t.ppf(0.975, max(1, len(at) - 3))
    scale = np.asarray([first, 1.0, 1.0])
    middle, low, high = found * scale, np.maximum(found - half, 0) * scale, (found + half) * scale
    left = rates - law(at, *middle)
    spread = float(((rates - rates.mean()) ** 2).sum())
    peak = sqrt((1 - middle[1]) / middle[2]) if middle[2] > 1e-9 and middle[1] < 1 else None
    names = ("alone_per_s", "waits", "talks")
    fitted = dict(zip(names, middle.tolist(), strict=True))
    fitted |= {f"{name}_low": each for name, each in zip(names, low.tolist(), strict=True)}
    fitted |= {f"{name}_high": each for name, each in zip(names, high.tolist(), strict=True)}
    return Scaling(
        **fitted,
        r_squared=1 - float((left**2).sum()) / spread if spread else 0.0,
        peak_clients=peak,
        peak_per_s=None if peak is None else float(law(np.asarray(peak), *middle)),
        points=len(clients),
    )
