"""What an answer over HTTP means, in the words of the records.

A buyer who hears nothing clear asks again with the same number. `unknown` may have taken effect:
no reply at all, a store that went away, a crowd in which an order was left half done.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import NamedTuple

from scenarios.measuring.client import ERROR, UNKNOWN

CONTENDED = "contended"
AGAIN = frozenset({UNKNOWN, CONTENDED})
"""After these a buyer asks again."""

_NOTHING_DONE = frozenset({"too_busy", "stopping", "in_progress"})
_WORDS: Mapping[str, str] = {
    "cancelled": "rolled_back",
    "already_cancelled": "already_rolled_back",
    "already_refunded": "already_rolled_back",
}
_REFUSED: Mapping[str, str] = {
    "": "refused",
    "out_of_stock": "refused",
    "cancelled_before": "already_rolled_back",
    "too_late": "already_expired",
}


class Reply(NamedTuple):
    """One attempt and its answer, as it travels. Times are nanoseconds on the master's clock.

    `key` is a position of the stream or, in a shop, the serial number of an order. `units` and
    `as_of_us` (of the clock on the wall) are what a product window showed to who looked.
    """

    key: int
    kind: str
    delivery: int
    attempt: int
    user: int
    intended_ns: int
    sent_ns: int
    replied_ns: int
    outcome: str
    digest: int = 0  # of the answer to placing an order, byte for byte; 0: not of this kind
    units: int = 0
    as_of_us: int = 0


def word_of(status: int, body: bytes, *, replayed: bool) -> str:
    """The answer in a word. Status 0: there was none."""
    if status == 201:
        unheld = b'"state":"unheld"' in body
        return "replayed" if replayed else "placed" if unheld else "deducted"
    if status == 429:
        return CONTENDED
    said = _said(body)
    outcome = said.get("outcome") or ""
    if status == 200:
        return _WORDS.get(outcome, outcome)
    if status in (409, 404, 422):
        return _refusal(status, outcome, said.get("reason") or "")
    if status == 503 and outcome in _NOTHING_DONE:
        return CONTENDED
    return UNKNOWN if status in (0, 500, 502, 503, 504) else ERROR


def _refusal(status: int, outcome: str, reason: str) -> str:
    if outcome == "refused":
        return _REFUSED.get(reason, reason)
    if outcome in _NOTHING_DONE:
        return CONTENDED
    if outcome == "invalid" or not outcome:
        return "not_found" if status == 404 else ERROR
    return _WORDS.get(outcome, outcome)


def digest_of(outcome: str, body: bytes) -> int:
    """A fingerprint of a lasting answer to an order; 0 for one that may change."""
    lasting = outcome in ("deducted", "placed", "replayed", "refused")
    return (zlib.crc32(body) | 1 << 32) if lasting else 0


def _said(body: bytes) -> dict[str, str]:
    try:
        said = json.loads(body or b"{}")
    except ValueError:  # a proxy's page, or half an answer
        return {}
    return said if isinstance(said, dict) else {}
