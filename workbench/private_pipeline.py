"""A pipeline for one run: a private broker, and the processes of capture and consumer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from inventory_core.problems import Problem
from inventory_core.stores.embedded import AppendFsync, EmbeddedValkey
from workbench.capturing_parts import PARTS, Part


@dataclass(frozen=True, slots=True)
class PrivatePipeline:
    """What may be stopped and killed of it."""

    broker: EmbeddedValkey
    parts: Mapping[str, Part]

    def check(self) -> None:
        """A `Problem` if a part of it has ended."""
        if not all(part.lives() for part in self.parts.values()):
            raise Problem("a part of the pipeline has ended: see what it said above")

    def rest(self) -> None:
        """What is under way arrives by itself."""


@contextmanager
def private_pipeline(
    name: str, source: str, product: Path, rules: str
) -> Iterator[PrivatePipeline]:
    """From a source to a product's database, whose folder has what else is kept, while it runs."""
    folder = product.parent
    with ExitStack() as stack:
        broker = stack.enter_context(EmbeddedValkey(append_fsync=AppendFsync.ALWAYS))
        config = folder / "cdc.toml"
        config.write_text(
            f'name = "{name}"\nsource = "{source}"\nbroker = "{broker.url}"\n'
            f'product = "{product}"\ndata = "{folder / "data"}"\n{rules}'
        )
        words = ["cdc", "run", "--config", str(config), "--with-parent", "--only"]
        parts = {each: Part([*words, each]) for each in PARTS}
        for part in parts.values():
            stack.callback(part.stop)
            part.start()
        yield PrivatePipeline(broker, parts)
