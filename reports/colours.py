"""The colour and the mark of every strategy, the same on every page and on every day.

Colours are Okabe and Ito's, made for colour-blind readers (jfly.uni-koeln.de/color, 2008), darkened
until every mark has the contrast that WCAG 2.2 asks of graphics. Eight colours cannot tell forty
strategies apart, so each has a mark as well: the mark says which kind of idea it is, the colour
which of them. Neither is ever the only sign: a name stands beside it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from types import MappingProxyType

# name of the CSS variable: (on a light page, on a dark page)
TONES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "page": ("#ffffff", "#14171b"),
        "ink": ("#1b1f24", "#e8eaed"),
        "muted": ("#5b6570", "#a3adb8"),
        "grid": ("#d9dde2", "#353b43"),
        "void": ("#b3261e", "#ff8a80"),
        "blue": ("#0072b2", "#4ba6e0"),
        "orange": ("#c98200", "#f0ad2e"),
        "green": ("#008560", "#2fbf95"),
        "sky": ("#3a99d1", "#86cdf5"),
        "purple": ("#b85c93", "#dd8fbd"),
        "vermilion": ("#c44f00", "#f58f4f"),
        "olive": ("#8a7d00", "#d6c93f"),
        "slate": ("#6b7683", "#9aa6b2"),
    }
)

PALETTE = ("blue", "orange", "green", "purple", "vermilion", "sky", "olive", "slate")
ROWS, PARTS, KEYS, BOTH, GATES, GROUPS, CONTROLS, OTHERS = "o", "s", "D", "^", "v", "P", "X", "h"
"""Marks by kind of idea: one row, stock in parts, keys, keys before rows, locks and gates, groups
and journals, controls; and those of other packages."""

KNOWN: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "conditional_update": ("blue", ROWS),
        "row_lock": ("green", ROWS),
        "optimistic_version": ("sky", ROWS),
        "one_round_trip": ("purple", ROWS),
        "constraint_only": ("orange", ROWS),
        "serializable_retry": ("vermilion", ROWS),
        "row_lock_nowait": ("olive", ROWS),
        "advisory_lock": ("slate", ROWS),
        "split_rows": ("orange", PARTS),
        "split_rows_probing": ("vermilion", PARTS),
        "bucket_pool": ("green", PARTS),
        "claimed_units": ("purple", PARTS),
        "scattered_keys": ("sky", PARTS),
        "unit_pick_constraint_only": ("olive", PARTS),
        "leased_quota": ("slate", PARTS),
        "redis_script": ("orange", KEYS),
        "redis_decrement": ("purple", KEYS),
        "redis_watch": ("sky", KEYS),
        "redis_stream": ("slate", KEYS),
        "redis_with_task": ("vermilion", BOTH),
        "redis_then_database": ("green", BOTH),
        "counted_then_merged": ("olive", BOTH),
        "adaptive": ("blue", BOTH),
        "redis_lock_fenced": ("purple", GATES),
        "admission_gate": ("blue", GATES),
        "single_writer": ("green", GATES),
        "low_water_lock": ("orange", GATES),
        "merged_update": ("vermilion", GROUPS),
        "escrow_journal": ("green", GROUPS),
        "two_phase_hold": ("sky", GROUPS),
        "try_confirm_cancel": ("purple", GROUPS),
        "transactional_outbox": ("blue", GROUPS),
        "naive_read_write": ("olive", CONTROLS),
        "redis_lock": ("slate", CONTROLS),
        "claim_outside_transaction": ("orange", CONTROLS),
        "lock_outside_transaction": ("purple", CONTROLS),
        "ledger_check_then_append": ("sky", CONTROLS),
        "reconciler_without_fence": ("vermilion", CONTROLS),
        "skip_locked_foreign_predicate": ("green", CONTROLS),
        "seed_sql_verbatim": ("blue", CONTROLS),
        "noop": ("muted", ROWS),
    }
)
"""Append only: a strategy keeps its looks. One that is not in here needs no entry."""


def tone_of(strategy: str) -> str:
    """The name of the strategy's colour. Whom nobody knows has the one that its name hashes to."""
    if strategy in KNOWN:
        return KNOWN[strategy][0]
    return PALETTE[hashlib.sha256(strategy.encode()).digest()[0] % len(PALETTE)]


def mark_of(strategy: str) -> str:
    """The strategy's mark, as matplotlib calls it."""
    return KNOWN[strategy][1] if strategy in KNOWN else OTHERS


def colour_of(strategy: str) -> str:
    """The strategy's colour on a light page."""
    return TONES[tone_of(strategy)][0]


def tinted(colour: str) -> str:
    """A colour of the light page as the page's own variable, which has a dark half."""
    for name, (light, _) in TONES.items():
        colour = colour.replace(light, f"var(--{name}, {light})")
    return colour
