"""Who plays when, if two sides take turns, and how fast each was in its own slices.

    round    A B   or   B A, as the coin of that round fell
    slice    |------------ sending ------------|-- finishing --|     about 50 ms

Nobody sends while a slice finishes, so that the orders under way are answered before the other side
begins. The first rounds warm both sides up, and are not counted.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

SLICE_MS, FINISHING = 50.0, 0.1
"""How long a slice is, and which share of it is left to finish what was sent."""

WARM_UP_ROUNDS = 2
A_ROUND = 2
ORDERS = ((0, 1), (1, 0))


class Turn(NamedTuple):
    """One slice: its place, when it starts, until when its side sends; nanoseconds of the run."""

    place: int
    starts_ns: int
    until_ns: int


@dataclass(frozen=True, slots=True)
class Slices:
    """The turns of one run; a pure function of its seed."""

    seed: int
    rounds: int  # that count
    slice_ms: float = SLICE_MS

    @classmethod
    def for_seconds(cls, seconds: float, seed: int, slice_ms: float = SLICE_MS) -> Slices:
        """As many rounds as fit, and at least one."""
        return cls(seed, max(1, round(seconds * 1e3 / (A_ROUND * slice_ms))), slice_ms)

    @property
    def slice_ns(self) -> int:
        """The length of a slice."""
        return round(self.slice_ms * 1e6)

    @property
    def count(self) -> int:
        """Slices in all, those of the warm-up included."""
        return (WARM_UP_ROUNDS + self.rounds) * A_ROUND

    @property
    def seconds(self) -> float:
        """How long the run takes."""
        return self.count * self.slice_ns / 1e9

    @property
    def sides(self) -> tuple[int, ...]:
        """Whose turn each slice is: 0 or 1."""
        dice = random.Random(self.seed)
        rounds = WARM_UP_ROUNDS + self.rounds
        return tuple(side for _ in range(rounds) for side in dice.choice(ORDERS))

    def turns(self, side: int) -> Iterator[Turn]:
        """The slices of one side."""
        sending_ns = round(self.slice_ns * (1 - FINISHING))
        for place, whose in enumerate(self.sides):
            if whose == side:
                starts_ns = place * self.slice_ns
                yield Turn(place, starts_ns, starts_ns + sending_ns)

    def as_json(self) -> dict[str, Any]:
        """For `run.json`; `Slices(**...)` is the same again."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Speeds:
    """What one side did in its slices, warm-up left out.

    per_s      orders deducted a second, in each round
    orders     deducted in all of them
    spilt      the share of the other side's time in which a client of this one was still busy
    """

    per_s: tuple[float, ...]
    orders: int
    spilt: float


def speeds(attempts: pa.Table | Mapping[str, Any], slices: Slices, side: int) -> Speeds:
    """How fast a side was, from its recorded attempts.

    Its speed in a slice is what it deducted, over the time for which its clients were at it, each
    until its own last reply: an order that ends after the slice takes its time with it.
    """
    columns = {name: np.asarray(attempts[name]) for name in ("client", "sent_ns", "replied_ns")}
    buyers = columns["client"] >= 0
    sent, replied = columns["sent_ns"][buyers], columns["replied_ns"][buyers]
    deducted = (_words(attempts, "kind") == "deduct") & (_words(attempts, "outcome") == "deducted")
    clients, who = np.unique(columns["client"][buyers], return_inverse=True)
    place = np.clip(sent // slices.slice_ns, 0, slices.count - 1)
    count = np.bincount(place[deducted[buyers]], minlength=slices.count)
    last = np.zeros((slices.count, max(1, len(clients))), dtype=np.int64)
    np.maximum.at(last, (place, who), replied)
    return _by_round(slices, side, count, last)


def _by_round(slices: Slices, side: int, count: Any, last: Any) -> Speeds:
    own = list(slices.turns(side))[WARM_UP_ROUNDS:]
    orders, per_s, spilt_ns = 0, [], 0.0
    for turn in own:
        ended = np.where(last[turn.place] > 0, last[turn.place], turn.until_ns)
        busy_ns = float((ended - turn.starts_ns).mean())
        spilt_ns += np.maximum(0, ended - turn.starts_ns - slices.slice_ns).mean()
        done = int(count[turn.place])
        orders += done
        per_s.append(max(1, done) / max(1.0, busy_ns) * 1e9)  # one, so that a ratio can be taken
    return Speeds(tuple(per_s), orders, float(spilt_ns) / (len(own) * slices.slice_ns))


def _words(attempts: pa.Table | Mapping[str, Any], name: str) -> Any:
    column = attempts[name]
    if hasattr(column, "cast"):
        column = column.cast(pa.string()).to_numpy(zero_copy_only=False)
    return np.asarray(column)
