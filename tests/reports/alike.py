"""Two pages with the same words and pictures, whichever processor has rounded a coordinate."""

from __future__ import annotations

import re

COORDINATE = re.compile(rb"(\d+\.\d{6})(?!\d)")
LAST_DIGITS = 2.5e-6
"""Processors add up coordinates in other orders; matplotlib writes six decimals of them."""


def alike(page: bytes, other: bytes) -> bool:
    """Is everything the same, but for the last digit of a coordinate?"""
    if page == other:
        return True
    parts, others = COORDINATE.split(page), COORDINATE.split(other)
    return parts[::2] == others[::2] and all(
        abs(float(one) - float(two)) < LAST_DIGITS
        for one, two in zip(parts[1::2], others[1::2], strict=True)
    )
