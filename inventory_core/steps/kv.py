"""Steps for a key-value store (Redis, Valkey): scripts, locks, counters.

The keys they speak of (the store puts its own prefix before each):

    cell:SKU@PLACE   an integer, the counter
    part:N:SKU@PLACE an integer, the Nth part of a counter that is spread over several keys
    order:NUMBER     a hash: fp, gen, state, lines, due
    holds            sorted set of unpaid holds by deadline (ms)
    journal          hash: adjustment key -> "delta cell"
    lock:NAME        a lease

A script is one `.lua` file in `scripts/` and one step here; real stores send it by its SHA, the
model runs the same file. Scripts answer text, one word of the outcome vocabulary wherever a verb is
decided. They touch keys that a client cannot know (the cells of an order rolled back by number), so
they need a store that is not sharded; the store is their clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, ClassVar, NamedTuple, TypeVar

from inventory_core.domain.orders import Line, Order
from inventory_core.domain.outcomes import Outcome
from inventory_core.domain.stock import Cell, Opening
from inventory_core.steps.step import Step

T = TypeVar("T", covariant=True)
Raw = int | str | list[str]
"""What a script answers once bytes are text: an integer, a text, or a flat list of texts."""


@cache
def source(file: str) -> str:
    """The text of `scripts/<file>.lua`: one source for every store and for the model.

    A script that lives outside names its package as well: `my_shop.scripts:take_two`. With
    `outer/inner`, the inner script becomes the function `decided(KEYS, ARGV)` of the outer one, so
    that both are one step.
    """
    package, _, name = file.rpartition(":")
    folder = files(package or "inventory_core.steps.scripts")
    outer, _, inner = name.rpartition("/")
    text = (folder / f"{inner}.lua").read_text(encoding="utf-8")
    if not outer:
        return text
    around = (folder / f"{outer}.lua").read_text(encoding="utf-8")
    return f"local function decided(KEYS, ARGV)\n{text}\nend\n{around}"


def cell_key(cell: Cell) -> str:
    """The key of a cell's counter."""
    return f"cell:{cell.sku}@{cell.place}"


def part_key(cell: Cell, part: int) -> str:
    """The key of one part of a cell's counter."""
    return f"part:{part}:{cell.sku}@{cell.place}"


def counted_cell(key: str) -> Cell:
    """The cell whose counter, or part of one, lies under this key."""
    kind, _, name = key.partition(":")
    return parse_cell(name.partition(":")[2] if kind == "part" else name)


def order_key(number: str) -> str:
    """The key of an order's hold."""
    return f"order:{number}"


class Script(Step[T]):
    """A step that runs `scripts/<file>.lua` with keys and arguments, all or nothing."""

    __slots__ = ()
    file: ClassVar[str]

    def keys(self) -> tuple[str, ...]:
        """The keys, without the store's prefix."""
        raise NotImplementedError

    def arguments(self) -> tuple[str | int, ...]:
        """The arguments, in order."""
        raise NotImplementedError

    def decode(self, raw: Raw) -> T:
        """The script's answer as the step's."""
        raise NotImplementedError


class Command(Step[T]):
    """A step that sends one command of Redis as it is, without a script around it."""

    __slots__ = ()
    name: ClassVar[str]

    def keys(self) -> tuple[str, ...]:
        """The keys, without the store's prefix."""
        raise NotImplementedError

    def arguments(self) -> tuple[str | int, ...]:
        """What follows the keys, in order."""
        raise NotImplementedError

    def words(self, prefix: str = "") -> tuple[str | int, ...]:
        """What is sent: the name, the keys, the arguments."""
        keys = self.keys()
        return (self.name, *[prefix + key for key in keys], *self.arguments())

    def decode(self, raw: Raw) -> T:
        """The reply as the step's answer."""
        raise NotImplementedError


class Transaction(Step[T]):
    """A step that sends commands between MULTI and EXEC, in one go: all or nothing.

    Nothing is carried out if a key that the connection watches was written since.
    """

    __slots__ = ()

    def commands(self, prefix: str) -> tuple[tuple[str | int, ...], ...]:
        """What is sent: each command's name and words, its keys under the store's prefix."""
        raise NotImplementedError

    def decode(self, replies: list[Any] | None) -> T:
        """The replies as the step's answer; None: nothing was carried out."""
        raise NotImplementedError


class _Verdict(Script[Outcome]):
    """A script that answers one word of the outcome vocabulary."""

    __slots__ = ()

    def decode(self, raw: Raw) -> Outcome:
        return Outcome(raw)


@dataclass(frozen=True, slots=True)
class Deduct(_Verdict):
    """Claim the order, check every line, take all or nothing, remember the answer.

    Answers deducted, replayed, refused, mismatched, already_rolled_back or already_expired.
    """

    order: Order
    file: ClassVar[str] = "deduct"

    def keys(self) -> tuple[str, ...]:
        cells = [cell_key(take.cell) for take in self.order.takes]
        return (order_key(self.order.number), "holds", *cells)

    def arguments(self) -> tuple[str | int, ...]:
        order = self.order
        quantities = [take.quantity for take in order.takes]
        return (order.number, order.fingerprint, int(order.hold_s * 1000), *quantities)


@dataclass(frozen=True, slots=True)
class Resolve(_Verdict):
    """Roll back, expire, pay or ship a hold by its number; the table of states is in the script.

    `verb` is roll_back, expire, pay or ship. Answers as the strategy's verb of that name does.
    """

    order_number: str
    verb: str
    file: ClassVar[str] = "resolve"

    def keys(self) -> tuple[str, ...]:
        return (order_key(self.order_number), "holds")

    def arguments(self) -> tuple[str | int, ...]:
        return (self.order_number, self.verb)


@dataclass(frozen=True, slots=True)
class ReturnHold(Script[bool]):
    """Give back the units of a hold of exactly this generation, if it still has them.

    The hold's state becomes `state` (rolled_back or expired). For a strategy whose truth lies in
    rows: the rows have decided already. False: there was nothing (any more) to give back.
    """

    order_number: str
    generation: int
    state: str
    file: ClassVar[str] = "return_hold"

    def keys(self) -> tuple[str, ...]:
        return (order_key(self.order_number), "holds")

    def arguments(self) -> tuple[str | int, ...]:
        return (self.order_number, self.generation, self.state)

    def decode(self, raw: Raw) -> bool:
        return raw == 1


@dataclass(frozen=True, slots=True)
class RestoreHold(Script[bool]):
    """Write a hold down as its rows have it, after the keys were lost; takes nothing."""

    order_number: str
    fingerprint: str
    generation: int
    due_ms: int
    takes: tuple[Line, ...]
    file: ClassVar[str] = "restore_hold"

    def keys(self) -> tuple[str, ...]:
        cells = [cell_key(take.cell) for take in self.takes]
        return (order_key(self.order_number), "holds", *cells)

    def arguments(self) -> tuple[str | int, ...]:
        quantities = [take.quantity for take in self.takes]
        what = (self.order_number, self.fingerprint, self.generation, self.due_ms)
        return (*what, *quantities)

    def decode(self, raw: Raw) -> bool:
        return raw == 1


@dataclass(frozen=True, slots=True)
class Retake(_Verdict):
    """Take the units of a known order once more, as a newer generation (a late payment).

    Answers deducted, replayed (this generation has them already) or refused.
    """

    order_number: str
    generation: int
    file: ClassVar[str] = "retake"

    def keys(self) -> tuple[str, ...]:
        return (order_key(self.order_number), "holds")

    def arguments(self) -> tuple[str | int, ...]:
        return (self.order_number, self.generation)


@dataclass(frozen=True, slots=True)
class Forget(Script[bool]):
    """Drop a shipped order from the list of open holds: its units will not come back."""

    order_number: str
    file: ClassVar[str] = "forget"

    def keys(self) -> tuple[str, ...]:
        return ("holds",)

    def arguments(self) -> tuple[str | int, ...]:
        return (self.order_number,)

    def decode(self, raw: Raw) -> bool:
        return raw == 1


class OpenHold(NamedTuple):
    """An order that the key-value store thinks holds units."""

    order_number: str
    generation: int


@dataclass(frozen=True, slots=True)
class OpenHolds(Script[tuple[OpenHold, ...]]):
    """The orders that hold units, unpaid, from place `start` of the deadline order on."""

    limit: int
    start: int = 0
    file: ClassVar[str] = "open_holds"

    def keys(self) -> tuple[str, ...]:
        return ("holds", order_key(""))

    def arguments(self) -> tuple[str | int, ...]:
        return (self.start, self.limit)

    def decode(self, raw: Raw) -> tuple[OpenHold, ...]:
        assert isinstance(raw, list)
        return tuple(OpenHold(raw[i], int(raw[i + 1])) for i in range(0, len(raw), 2))


@dataclass(frozen=True, slots=True)
class DueHolds(Script[tuple[str, ...]]):
    """Numbers of unpaid holds whose deadline has passed on the store's clock, oldest first."""

    limit: int
    file: ClassVar[str] = "due_holds"

    def keys(self) -> tuple[str, ...]:
        return ("holds",)

    def arguments(self) -> tuple[str | int, ...]:
        return (self.limit,)

    def decode(self, raw: Raw) -> tuple[str, ...]:
        assert isinstance(raw, list)
        return tuple(raw)


@dataclass(frozen=True, slots=True)
class Adjust(_Verdict):
    """Change a cell under an idempotency key: adjusted, already_adjusted or refused."""

    key: str
    cell: Cell
    delta: int
    file: ClassVar[str] = "adjust"

    def keys(self) -> tuple[str, ...]:
        return ("journal", cell_key(self.cell))

    def arguments(self) -> tuple[str | int, ...]:
        return (self.key, self.delta, str(self.cell))


@dataclass(frozen=True, slots=True)
class Drain(Script[int]):
    """Take everything that is left in a cell, once per key; later calls answer the same number."""

    key: str
    cell: Cell
    file: ClassVar[str] = "drain"

    def keys(self) -> tuple[str, ...]:
        return ("journal", cell_key(self.cell))

    def arguments(self) -> tuple[str | int, ...]:
        return (self.key, str(self.cell))

    def decode(self, raw: Raw) -> int:
        assert isinstance(raw, int)
        return raw


class Entry(NamedTuple):
    """A journal entry of the key-value store."""

    key: str
    cell: Cell
    delta: int


@dataclass(frozen=True, slots=True)
class ReadJournal(Script[tuple[Entry, ...]]):
    """Every journal entry that is not an opening."""

    file: ClassVar[str] = "read_journal"

    def keys(self) -> tuple[str, ...]:
        return ("journal",)

    def arguments(self) -> tuple[str | int, ...]:
        return ()

    def decode(self, raw: Raw) -> tuple[Entry, ...]:
        assert isinstance(raw, list)
        triples = zip(raw[0::3], raw[1::3], raw[2::3], strict=True)
        return tuple(Entry(key, parse_cell(cell), int(delta)) for key, delta, cell in triples)


def parse_cell(text: str) -> Cell:
    """A cell from `SKU@PLACE`; a place has no @."""
    sku, _, place = text.rpartition("@")
    return Cell(sku, place)


@dataclass(frozen=True, slots=True)
class OpenCells(Script[int]):
    """Create counters with their opening quantities and journal entries; answers how many."""

    openings: tuple[Opening, ...]
    file: ClassVar[str] = "open_cells"

    def keys(self) -> tuple[str, ...]:
        return ("journal", *(cell_key(opening.cell) for opening in self.openings))

    def arguments(self) -> tuple[str | int, ...]:
        return tuple(x for o in self.openings for x in (str(o.cell), o.quantity))

    def decode(self, raw: Raw) -> int:
        assert isinstance(raw, int)
        return raw


@dataclass(frozen=True, slots=True)
class ReadCells(Script[tuple[int, ...]]):
    """Units of several cells in one round trip, in the order asked; unknown cells have 0."""

    cells: tuple[Cell, ...]
    file: ClassVar[str] = "read_cells"

    def keys(self) -> tuple[str, ...]:
        return tuple(cell_key(cell) for cell in self.cells)

    def arguments(self) -> tuple[str | int, ...]:
        return ()

    def decode(self, raw: Raw) -> tuple[int, ...]:
        assert isinstance(raw, list)
        return tuple(int(units) for units in raw)


@dataclass(frozen=True, slots=True)
class SetIfAbsent(Step[bool]):
    """`SET key value NX PX lease_ms`: true if the key was free; it frees itself after the lease."""

    key: str
    value: str
    lease_ms: int


@dataclass(frozen=True, slots=True)
class DeleteIfEqual(Script[bool]):
    """Free a lock, but only one's own: delete the key if it still has this value."""

    key: str
    value: str
    file: ClassVar[str] = "delete_if_equal"

    def keys(self) -> tuple[str, ...]:
        return (self.key,)

    def arguments(self) -> tuple[str | int, ...]:
        return (self.value,)

    def decode(self, raw: Raw) -> bool:
        return raw == 1


KINDS = (Script, Command, Transaction, SetIfAbsent)
"""Whatever a key-value store performs is one of these."""
