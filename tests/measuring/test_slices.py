"""Turns: fair, drawn by a seed, and each side judged by its own slices alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scenarios.measuring.sides import rest_s
from scenarios.measuring.slices import A_ROUND, WARM_UP_ROUNDS, Slices, speeds

MS = 1_000_000


def recorded(slices: Slices, side: int, order_ms: dict[int, float]) -> dict[str, Any]:
    """Two clients of each side, one order after the other; `order_ms` says how long they take."""
    rows = []
    for client in range(2):
        for turn in slices.turns(side):
            now = float(turn.starts_ns)
            while now < turn.until_ns:
                rows.append((client, now, now + order_ms[side] * MS))
                now += order_ms[side] * MS
    clients, sent, replied = (np.asarray(column) for column in zip(*rows, strict=True))
    return {
        "client": clients.astype(int),
        "sent_ns": sent.astype(np.int64),
        "replied_ns": replied.astype(np.int64),
        "kind": np.full(len(rows), "deduct"),
        "outcome": np.full(len(rows), "deducted"),
    }


def test_in_every_round_both_sides_have_a_slice_and_a_coin_says_who_begins() -> None:
    slices = Slices(seed=3, rounds=100)
    rounds = np.asarray(slices.sides).reshape(-1, A_ROUND)
    assert set(map(tuple, rounds.tolist())) == {(0, 1), (1, 0)}
    begun_by = rounds[:, 0].mean()
    assert 0.35 < begun_by < 0.65  # by a coin


def test_the_same_seed_draws_the_same_turns_and_records_bring_them_back() -> None:
    slices = Slices.for_seconds(2.0, seed=9)
    assert slices.rounds == 20
    assert Slices(**slices.as_json()).sides == slices.sides
    assert Slices(9, 50).sides != Slices(10, 50).sides


def test_a_speed_is_what_was_done_in_ones_own_time() -> None:
    slices = Slices(seed=1, rounds=3)
    for side, order_ms, expected in ((0, 1.0, 2_000.0), (1, 2.5, 800.0)):
        found = speeds(recorded(slices, side, {side: order_ms}), slices, side)
        assert len(found.per_s) == 3
        assert found.per_s == pytest.approx([expected] * 3)
        assert found.spilt == 0.0


def test_orders_longer_than_their_slice_are_not_flattered_and_are_told() -> None:
    slices = Slices(seed=1, rounds=3)
    found = speeds(recorded(slices, 0, {0: 80.0}), slices, 0)
    assert found.per_s == pytest.approx([2 / 0.080] * 3)
    assert found.spilt == pytest.approx(0.6)


def test_warm_up_rounds_are_left_out() -> None:
    slices = Slices(seed=1, rounds=2)
    columns = recorded(slices, 0, {0: 1.0})
    early = columns["sent_ns"] < WARM_UP_ROUNDS * A_ROUND * slices.slice_ns
    columns["outcome"] = np.where(early, "refused", columns["outcome"])
    assert speeds(columns, slices, 0).per_s == pytest.approx([2_000.0] * 2)


def test_daemons_rest_while_it_is_the_other_sides_turn() -> None:
    slices = Slices(seed=1, rounds=1)
    own = tuple(slices.turns(0))
    for place, side in enumerate(slices.sides):
        now_ns = place * slices.slice_ns + MS
        rests = rest_s(own, now_ns, slices.slice_ns)
        later = [turn.starts_ns for turn in own if turn.starts_ns > now_ns]
        if side == 0 or not later:
            assert rests == 0.0
        else:
            assert rests == pytest.approx((later[0] - now_ns) / 1e9)
