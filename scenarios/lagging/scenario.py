"""The scenario `sync_lag` as frozen values: a sale, the paths to its shop window, the faults.

wanted = load_lag(None, ["sale.seconds=4"])
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from scenarios.reading_toml import Place, check_keys, fill, override, read_toml, within

FILE = Path(__file__).with_name("sync_lag.toml")
SYNC_LAG = FILE.stem
HOUR_MS = 3_600_000
USUAL_MS = (20, 100, 500, 1_000, 2_000, 5_000)


@dataclass(frozen=True, slots=True)
class Sale:
    """Who looks and orders, and what comes back. Rates are of all articles together."""

    articles: int = within(10, 1, 1_000)
    quantity: int = within(20, 0, 1_000_000)
    shoppers_per_s: float = within(200.0, 1, 100_000)
    orders: float = within(0.6, 0, 1)
    come_back: float = within(0.5, 0, 1)
    come_back_after_s: float = within(1.5, 0.01, 3_600)
    refill: int = within(5, 0, 1_000_000)
    refill_every_s: float = within(2.0, 0.01, 3_600)
    seconds: float = within(10.0, 0.5, 3_600)
    seed: int = within(1, 0, 2**32 - 1)


@dataclass(frozen=True, slots=True)
class Paths:
    """How late each path is: simulated at all of these, measured at some, streaming as it is."""

    polling_ms: tuple[int, ...] = within(USUAL_MS, 1, HOUR_MS)
    on_demand_ms: tuple[int, ...] = within(USUAL_MS, 1, HOUR_MS)
    streaming_ms: tuple[int, ...] = within(USUAL_MS, 1, HOUR_MS)
    measured_ms: tuple[int, ...] = within((100, 1_000, 3_000), 1, HOUR_MS)
    lag_ms_p50: float = within(22.0, 0.01, HOUR_MS)
    lag_ms_p99: float = within(47.4, 0.01, HOUR_MS)


@dataclass(frozen=True, slots=True)
class Faults:
    """When something goes wrong, and for how long."""

    at_s: float = within(4.0, 0, 3_600)
    for_s: float = within(2.0, 0.01, 3_600)


@dataclass(frozen=True, slots=True)
class SyncLag:
    """All of it."""

    title: str
    sale: Sale
    paths: Paths
    faults: Faults
    away_s: Mapping[str, float] = field(default_factory=dict)
    """How long what was struck was away, fault by fault, where that was measured."""


def is_sync_lag(name_or_path: str) -> bool:
    """Is this the scenario, or a file like it? Only those have a table [sale]."""
    path = Path(name_or_path)
    written = path.suffix == ".toml" and path.is_file()
    return name_or_path == SYNC_LAG or (written and "sale" in read_toml(path))


def load_lag(file: Path | None = None, settings: Iterable[str] = ()) -> SyncLag:
    """Read the file (the project's own if none is named); `Problem` names file and key."""
    path = file or FILE
    tables = read_toml(path)
    override(tables, settings)
    place = Place(path.name)
    check_keys(place, tables, ("title", "description", "sale", "paths", "faults"))
    found = SyncLag(
        title=str(tables.get("title", path.stem)),
        sale=fill(Sale, tables.get("sale", {}), Place(path.name, "sale")),
        paths=fill(Paths, tables.get("paths", {}), Place(path.name, "paths")),
        faults=fill(Faults, tables.get("faults", {}), Place(path.name, "faults")),
    )
    if found.paths.lag_ms_p99 < found.paths.lag_ms_p50:
        raise place.problem("paths.lag_ms_p99", "is less than paths.lag_ms_p50; raise it")
    if found.faults.at_s + found.faults.for_s >= found.sale.seconds:
        raise place.problem(
            "faults.for_s",
            f"ends after {found.faults.at_s + found.faults.for_s:g} s, and the sale after"
            f" {found.sale.seconds:g} s; let it end earlier, or set sale.seconds",
        )
    return found
