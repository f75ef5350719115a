"""What every process of Locust is told about a run, in plain values that travel over its own wire.

The demand is a pure function of scenario and seed, so no orders travel: each worker makes the same
stream and plays its share of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

from scenarios.lagging.scenario import Sale
from scenarios.reading_toml import Place, fill
from scenarios.scenario import Demand, Matrix, Run, Scenario, Shop, Stock

if TYPE_CHECKING:  # stores are heavy, and users of an API never see one
    from inventory_core.stores.addresses import Address


@dataclass(frozen=True, slots=True)
class Front:
    """The front door: where orders are placed, in which channel, and with which keys."""

    url: str
    channel: str
    address: str  # to which everything is shipped
    keys: tuple[str, ...]
    prefix: str = ""  # of article codes, where other articles than ours lie


@dataclass(frozen=True, slots=True)
class Window:
    """A shop window beside the front door: where it is, and the sale whose shoppers look at it."""

    url: str
    sale: Sale


@dataclass(frozen=True, slots=True)
class LoadJob:
    """One run. `front`: over HTTP; otherwise plans are carried out on the `stores`."""

    scenario: Scenario
    seed: int
    seconds: float
    workers: int
    users: int
    front: Front | None = None
    strategy: str = ""
    stores: Address | None = None
    window: Window | None = None

    def told(self) -> dict[str, Any]:
        """As plain values, such as JSON knows."""
        told: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return told

    @classmethod
    def heard(cls, told: Mapping[str, Any]) -> Self:
        """The same, on the other side."""
        values = dict(told)
        values["scenario"] = _scenario(values["scenario"])
        front, stores, window = values["front"], values["stores"], values["window"]
        if front:
            values["front"] = Front(**front | {"keys": tuple(front["keys"])})
        if stores:
            from inventory_core.stores.addresses import Address

            values["stores"] = Address(**stores)
        if window:
            sale = fill(Sale, window["sale"], Place(values["scenario"].name, "sale"))
            values["window"] = Window(window["url"], sale)
        return cls(**values)


def _scenario(told: Mapping[str, Any]) -> Scenario:
    name = told["name"]
    tables: dict[str, Any] = {
        table: fill(kind, told[table], Place(name, table))
        for table, kind in _TABLES.items()
        if told[table] is not None
    }
    return Scenario(name, told["title"], told["description"], **tables)


_TABLES: Mapping[str, type[Any]] = {
    "stock": Stock,
    "demand": Demand,
    "run": Run,
    "matrix": Matrix,
    "shop": Shop,
}


LOST, LATE = 3, 4
"""How a master ends that has lost a worker, or that nobody came to."""


@dataclass(frozen=True, slots=True)
class Seat:
    """What one process of Locust is to be: all by itself, a master, or a worker.

    `says` is a pipe on which it tells its parent how far it is; `spool` the file for the answers.
    """

    role: str  # "alone", "master" or "worker"
    says: int = -1
    job: dict[str, Any] | None = None
    spool: str = ""
    report: str = ""  # the folder for Locust's own report
    master_host: str = "127.0.0.1"
    master_port: int = 0
    web_port: int = -1  # -1: no web UI
    patience_s: float = 120.0  # for workers to come
