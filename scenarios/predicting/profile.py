"""What things cost: the figures of one machine (or pair of machines), read from a TOML file.

    profile = load_profile("one_machine")
    profile = load_profile("./mine.toml", ["network.one_way_us=250"])

Times are microseconds. A step that is not listed costs what its kind costs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from inventory_core.problems import Problem
from scenarios.reading_toml import Place, check_keys, fill, one_of, override, read_toml, within

FOLDER = Path(__file__).parent / "profiles"
_US = 1e9


@dataclass(frozen=True, slots=True)
class About:
    """Where the figures come from."""

    title: str = ""
    source: str = ""  # how each group of figures was found
    machine: str = ""
    measured_at: str = ""
    commit: str = ""


@dataclass(frozen=True, slots=True)
class Machine:
    """The processors. `client_cores` 0: clients and servers share the server's."""

    server_cores: int = within(2, 1, 1_024)
    client_cores: int = within(0, 0, 1_024)
    wake_us: float = within(15.0, 0, _US)  # until an idle processor begins
    unsteady: float = within(0.0, 0, 3)  # deviation of the logarithm of what the same work takes


@dataclass(frozen=True, slots=True)
class Network:
    """How long a message travels: a fixed time, and an exponential one on top."""

    one_way_us: float = within(0.0, 0, _US)
    jitter_us: float = within(0.0, 0, _US)  # its mean


@dataclass(frozen=True, slots=True)
class Client:
    """Processor time of whoever sends: an order, and each question on its way."""

    order_us: float = within(12.0, 0, _US)
    sql_us: float = within(40.0, 0, _US)
    kv_us: float = within(30.0, 0, _US)
    row_us: float = within(0.0, 0, _US)  # each further row or entry that is sent or answered
    member_us: float = within(10.0, 0, _US)  # who is settled in somebody else's group


@dataclass(frozen=True, slots=True)
class Sql:
    """A database. `grant`: who of those who wait gets a row's lock next."""

    statement_us: float = within(40.0, 0, _US)
    row_us: float = within(12.0, 0, _US)  # each further row of a statement of many
    locked_share: float = within(0.4, 0, 1)  # of a lone statement's work comes after its locks
    commit_us: float = within(25.0, 0, _US)  # of one that wrote; processor time alone
    flush_us: float = within(150.0, 0, _US)
    flush_next_us: float = within(0.0, 0, _US)  # from the end of one flush until the next begins
    crowded: float = within(1.0, 0.1, 10)  # all work takes so many times as long when none is idle
    commit_crowded_us: float = within(0.0, 0, _US)  # more of a durable commit when none is idle
    hand_over_us: float = within(20.0, 0, _US)  # processor time to wake who waited for a lock
    hand_over_waiter_us: float = within(4.0, 0, _US)  # and for each other who waits
    held_us: float = within(0.0, 0, _US)  # more of a transaction for whose lock somebody waits
    held_waiter_us: float = within(0.0, 0, _US)  # and for each who does
    deadlock_ms: float = within(1_000.0, 0, _US)  # until a circle of waiting sessions is noticed
    grant: str = one_of("any", "first")


@dataclass(frozen=True, slots=True)
class Kv:
    """A key-value store, which does one thing at a time. `flush_us`: of an append-only `always`."""

    command_us: float = within(12.0, 0, _US)
    row_us: float = within(3.0, 0, _US)  # each further line of an order or cell of a script
    flush_us: float = within(0.0, 0, _US)
    awake_saves_us: float = within(0.0, 0, _US)  # of a command, on each side, when nobody sleeps


@dataclass(frozen=True, slots=True)
class Profile:
    """All of it. `sql_steps` and `kv_steps`: processor time of the server, by name of the step.

    `pace`: how many times as long the work of a strategy's steps takes when a few clients share
    the servers, by its name; one that is not named works as it does alone.
    """

    name: str
    about: About = field(default_factory=About)
    machine: Machine = field(default_factory=Machine)
    network: Network = field(default_factory=Network)
    client: Client = field(default_factory=Client)
    sql: Sql = field(default_factory=Sql)
    kv: Kv = field(default_factory=Kv)
    sql_steps: dict[str, float] = field(default_factory=dict)
    kv_steps: dict[str, float] = field(default_factory=dict)
    pace: dict[str, float] = field(default_factory=dict)

    def of_strategy(self, name: str) -> Profile:
        """The same machine, with all work at the pace of a strategy. The disk has its own."""
        pace = self.pace.get(name, 1.0)
        if pace == 1.0:
            return self
        client, sql, kv = self.client, self.sql, self.kv
        return replace(
            self,
            client=Client(*(getattr(client, at.name) * pace for at in fields(client))),
            sql=replace(
                sql,
                statement_us=sql.statement_us * pace,
                row_us=sql.row_us * pace,
                commit_us=sql.commit_us * pace,
            ),
            kv=replace(kv, command_us=kv.command_us * pace, row_us=kv.row_us * pace),
            sql_steps={kind: us * pace for kind, us in self.sql_steps.items()},
            kv_steps={kind: us * pace for kind, us in self.kv_steps.items()},
        )


_TABLES: dict[str, type[Any]] = {
    "about": About,
    "machine": Machine,
    "network": Network,
    "client": Client,
    "sql": Sql,
    "kv": Kv,
}
_STEPS = ("sql_steps", "kv_steps", "pace")


def profile_names() -> tuple[str, ...]:
    """The profiles that come with the project."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def load_profile(name_or_path: str, overrides: Sequence[str] = ()) -> Profile:
    """A profile by name, or from a TOML file, with settings such as `network.one_way_us=250`."""
    path = _path_of(name_or_path)
    tables = read_toml(path)
    override(tables, overrides)
    check_keys(Place(path.name), tables, (*_TABLES, *_STEPS))
    parts: dict[str, Any] = {
        table: fill(kind, tables.get(table, {}), Place(path.name, table))
        for table, kind in _TABLES.items()
    }
    steps = {table: _costs(tables.get(table, {}), Place(path.name, table)) for table in _STEPS}
    return Profile(path.stem, **(parts | steps))


def _costs(table: Any, place: Place) -> dict[str, float]:
    if not isinstance(table, dict):
        raise Problem(f"{place.file}: {place.table} must be a table; write [{place.table}]")
    for name, value in table.items():
        if type(value) not in (int, float) or not 0 <= value <= _US:
            raise place.problem(name, f"is {value!r}; write a number from 0 to {_US:,.0f}")
    return {name: float(value) for name, value in table.items()}


def _path_of(name_or_path: str) -> Path:
    path = Path(name_or_path)
    if path.suffix == ".toml" or len(path.parts) > 1:
        if not path.is_file():
            raise Problem(f"there is no file {name_or_path}; name a profile that exists")
        return path
    known = FOLDER / f"{name_or_path}.toml"
    if not known.is_file():
        raise Problem(
            f"there is no profile {name_or_path!r}; choose among {', '.join(profile_names())}, or"
            " name a TOML file (`stockproof calibrate` writes one)"
        )
    return known
