"""One pipeline: from where to where, by which rules; read from a TOML file or from options.

name = "shop"
source = "postgresql://shop@127.0.0.1/shop"
broker = "redis://127.0.0.1:6379/0"      # or amqp://, nats://; left out: a private Valkey
product = "product.db"
data = "cdc-data"

[limits]
backlog_messages = 1000

[[table]]
name = "stockproof.cell"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from inventory_core.problems import Problem
from inventory_core.sync.cdc.limits import PipelineLimits
from inventory_core.sync.cdc.rules import Rule, Rules, rules_of

KEYS = ("name", "source", "broker", "product", "data", "limits", "table")


@dataclass(frozen=True, slots=True)
class Pipeline:
    """From where to where. `name` is in the names of everything that is made for it."""

    source: str = field(repr=False)
    rules: Rules
    name: str = "stock"
    broker: str = field(default="", repr=False)  # none: a private Valkey
    product: Path = Path("product.db")
    data: Path = Path("cdc-data")
    limits: PipelineLimits = field(default_factory=PipelineLimits)

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", self.name):
            raise Problem(
                f"{self.name!r} cannot name a pipeline: take small letters, digits and underscores"
            )
        if not self.source:
            raise Problem("no source is named: say source = in the file, or --sql-url")

    @property
    def state(self) -> Path:
        """What the capture remembers."""
        return self.data / "capture.db"

    @property
    def consumer(self) -> str:
        """Who consumes: each product has every message."""
        return f"product-{self.product.stem}"


def load_pipeline(file: Path | None, said: Mapping[str, str], tables: list[str]) -> Pipeline:
    """The file's pipeline, with what options said over it."""
    found = _read(file) if file else {}
    unknown = sorted(set(found) - set(KEYS))
    if unknown:
        raise Problem(f"{file} says {unknown[0]!r}, and a pipeline has {', '.join(KEYS)}")
    texts = {name: found[name] for name in KEYS[:5] if name in found}
    for name, value in texts.items():
        if not isinstance(value, str):
            raise Problem(f"{name} in {file} is a text, not {value!r}")
    texts.update({name: value for name, value in said.items() if value})
    rules = Rules([_cells(name) for name in tables]) if tables else rules_of(found.get("table", []))
    more: dict[str, Any] = {n: Path(texts.pop(n)) for n in ("product", "data") if n in texts}
    limits = _limits(file, found.get("limits", {}))
    return Pipeline(texts.pop("source", ""), rules, limits=limits, **texts, **more)


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Problem(f"{file} cannot be read ({error}): name a pipeline's file") from None
    except tomllib.TOMLDecodeError as error:
        raise Problem(f"{file} is no TOML: {error}") from None


def _limits(file: Path | None, said: Any) -> PipelineLimits:
    known = {each.name: each.type for each in fields(PipelineLimits)}
    if not isinstance(said, dict):
        raise Problem(f"limits in {file} are a table: write [limits]")
    for name, value in said.items():
        if name not in known:
            raise Problem(f"{file} limits {name!r}, and a pipeline limits {', '.join(known)}")
        kinds = (int,) if known[name] == "int" else (int, float)
        if not isinstance(value, kinds) or isinstance(value, bool) or value <= 0:
            raise Problem(f"{name} in {file} is a number above 0, not {value!r}")
    return replace(PipelineLimits(), **said)


def _cells(name: str) -> Rule:
    if name.count(".") != 1:
        raise Problem(f"a table is named with its schema, like shop.cell; not {name!r}")
    return Rule(name)
