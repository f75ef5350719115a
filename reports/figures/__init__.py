"""The pictures of a page, in the order in which it shows them."""

from __future__ import annotations

from reports.figures import goodput, latency, stock
from reports.figures.picture import Picture

PICTURES: tuple[Picture, ...] = (goodput.PICTURE, latency.PICTURE, stock.PICTURE)
