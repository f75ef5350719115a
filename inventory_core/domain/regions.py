"""Where things are sent: regions as paths, `province`, `province/city` or with a district."""

from __future__ import annotations

from inventory_core.domain.stock import refuse_control_characters

DEPTH_MOST = 3
"""Province, city, district."""


def check_region(region: str) -> None:
    """A `ValueError` that says what is wrong with a region path."""
    refuse_control_characters("region", region)
    names = region.split("/")
    if len(names) > DEPTH_MOST or not all(name and name == name.strip() for name in names):
        raise ValueError(
            f"the region {region!r} is not province, province/city or province/city/district"
        )


def covers(region: str, address: str) -> bool:
    """Does a region contain an address? The empty region is everywhere."""
    return not region or address == region or address.startswith(f"{region}/")


def around(address: str) -> tuple[str, ...]:
    """The regions that contain an address, most general first: everywhere, `a`, `a/b`, `a/b/c`."""
    names = address.split("/")
    return ("", *["/".join(names[:depth]) for depth in range(1, len(names) + 1)])


def depth(region: str) -> int:
    """How exact a region is: 0 is everywhere."""
    return len(region.split("/")) if region else 0
