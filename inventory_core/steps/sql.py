"""Steps for a relational database: transactions, claims, takes, holds, tasks, the journal.

The rows they speak of (names as in the schema, one set for every dialect):

    cell(sku, place, sellable >= 0, version)          the counter; every write raises `version`
    hold(order_number, state, generation, fingerprint, buyer, due_at, attempts)   one row an order
    deduction_log(order_number, generation, line, sku, place, quantity, state)    one row a line
    stock_task(id, order_number, generation, sku, place, delta, done)             scheme B's tasks
    adjustment(adjustment_key, sku, place, delta, reason)   the journal: openings and corrections

So that at rest, for every cell: sellable = sum of adjustments - sum of quantities in log rows whose
state owns units. A statement outside a transaction commits by itself. Steps that write a row wait
for its lock; at read committed they see the newest committed row once they have it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from types import TracebackType
from typing import NamedTuple

from inventory_core.domain.orders import Line, Order
from inventory_core.domain.outcomes import DELIVERED_AGAIN, HoldState, Outcome
from inventory_core.domain.stock import Cell, Opening
from inventory_core.steps.errors import ConnectionLost
from inventory_core.steps.step import Step


class Isolation(Enum):
    """Transaction isolation levels, by their standard names."""

    READ_COMMITTED = "READ COMMITTED"
    REPEATABLE_READ = "REPEATABLE READ"
    SERIALIZABLE = "SERIALIZABLE"


@dataclass(frozen=True, slots=True)
class Begin(Step[None]):
    """Open a transaction. No scheduling point: it rides with the first statement."""

    isolation: Isolation = Isolation.READ_COMMITTED


@dataclass(frozen=True, slots=True)
class Commit(Step[None]):
    """Make the transaction durable and visible. A lost reply leaves its fate unknown."""


@dataclass(frozen=True, slots=True)
class Rollback(Step[None]):
    """Undo the transaction and free its locks."""


class transaction:  # noqa: N801 - reads as a statement: `async with sql.transaction():`
    """Begin; then commit, or roll back if the block raises or gives up.

    A dead client does not say goodbye: when the plan is abandoned (GeneratorExit) or its
    connection is gone, nothing is awaited; the server rolls back when it notices.
    """

    __slots__ = ("_isolation", "_open")

    def __init__(self, isolation: Isolation = Isolation.READ_COMMITTED) -> None:
        self._isolation = isolation
        self._open = False

    async def __aenter__(self) -> transaction:
        await Begin(self._isolation)
        self._open = True
        return self

    async def give_up(self) -> None:
        """Roll back now; the rest of the block must touch no rows."""
        self._open = False
        await Rollback()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._open or (kind and issubclass(kind, (GeneratorExit, ConnectionLost))):
            return
        if kind is None:
            await Commit()
        else:
            await Rollback()


class StoredOrder(NamedTuple):
    """What the store knows of an order number. `fresh`: this step has just written it."""

    fresh: bool
    state: HoldState
    generation: int
    fingerprint: str
    overdue: bool  # its deadline has passed on the store's clock

    def answer_to(self, order: Order) -> Outcome:
        """What to answer to this (second) delivery of the order."""
        if self.fingerprint not in ("", order.fingerprint):
            return Outcome.MISMATCHED
        return DELIVERED_AGAIN[self.state]


class CellRow(NamedTuple):
    """A cell as read: its units and its version."""

    sellable: int
    version: int


class Task(NamedTuple):
    """A change of a cell that a worker still has to make."""

    task_id: int
    cell: Cell
    delta: int


@dataclass(frozen=True, slots=True)
class ClaimOrder(Step[StoredOrder]):
    """Claim the order number and write its deduction log, in one statement.

    Absent: inserts the hold (state held, generation 1, due `hold_s` from now on the store's clock)
    and one log row a line; answers with `fresh` true. Present (after waiting for whoever is writing
    it): locks the hold until the end of the transaction and answers with what it says.
    """

    order: Order


@dataclass(frozen=True, slots=True)
class ClaimAndTake(Step[StoredOrder]):
    """`ClaimOrder` and all the order's takes in one statement: all of it or nothing.

    Claims first; a fresh order then locks its cells in their order, and takes. If a cell has too
    little, or is unknown, the statement fails with `ConstraintBroken` and leaves nothing behind.
    """

    order: Order


@dataclass(frozen=True, slots=True)
class ClaimRefused(Step[StoredOrder]):
    """`ClaimOrder` for an order that gets nothing: fresh, hold and log rows are refused."""

    order: Order


@dataclass(frozen=True, slots=True)
class ClaimHolds(Step[tuple[StoredOrder, ...]]):
    """Claim several orders, sorted by number and all different, and write the logs of the fresh.

    They are claimed in this order, whoever asks, so that two groups that meet wait for each other
    in one direction. One statement; answers as `ClaimOrder` does, one an order.
    """

    orders: tuple[Order, ...]


@dataclass(frozen=True, slots=True)
class ClaimAndTakeAll(Step[tuple[tuple[str, StoredOrder], ...]]):
    """`ClaimHolds`, and what the fresh orders ask for, in one statement: all of it or nothing.

    Answers with the numbers that are not fresh and what is stored under them; those get nothing
    here. Claims first, in the order given; then locks the cells of the fresh orders in their order,
    and takes. Fails with `ConstraintBroken`, and leaves nothing behind, if a cell is unknown or has
    too little: for all orders together (repeated ones as well) when the statement begins, or for
    the fresh ones once it is locked.
    """

    orders: tuple[Order, ...]


@dataclass(frozen=True, slots=True)
class FindOrder(Step[StoredOrder | None]):
    """Read a hold without locking it."""

    order_number: str


@dataclass(frozen=True, slots=True)
class LockOrder(Step[StoredOrder | None]):
    """Lock a hold until the end of the transaction, and read it; None if there is none."""

    order_number: str


@dataclass(frozen=True, slots=True)
class Bury(Step[StoredOrder]):
    """Lock a hold; if there is none, leave a tombstone that refuses the order when it comes.

    A tombstone has generation 1, no log rows, and the empty fingerprint.
    """

    order_number: str


@dataclass(frozen=True, slots=True)
class RecordOrder(Step[None]):
    """Write hold and log without asking whether they are there (existing rows are overwritten)."""

    order: Order


@dataclass(frozen=True, slots=True)
class ReadLog(Step[tuple[Line, ...]]):
    """The log rows of an order's newest generation that has any, as they were placed."""

    order_number: str


@dataclass(frozen=True, slots=True)
class Settle(Step[None]):
    """Set the state of a hold and of the log rows of its generation.

    With `generation`, the hold is raised to it first (log rows of older generations are left
    alone): this burns a generation, so that a late request for it finds it closed.
    """

    order_number: str
    state: HoldState
    generation: int | None = None


@dataclass(frozen=True, slots=True)
class Reopen(Step[None]):
    """Raise a hold to `generation`, in `state`, with log rows copied from generation 1."""

    order_number: str
    generation: int
    state: HoldState


@dataclass(frozen=True, slots=True)
class Refuse(Step[Outcome]):
    """Give back what this transaction took for the takes before `refused`, keep the refusal.

    Sets hold and log rows to refused. Answers `REFUSED`.
    """

    order: Order
    refused: Line

    @property
    def taken(self) -> tuple[Line, ...]:
        """The takes that came before the refused one."""
        return self.order.takes[: self.order.takes.index(self.refused)]


@dataclass(frozen=True, slots=True)
class BookOrders(Step[None]):
    """Take what freshly claimed orders get, in one statement: `taken` is added up by cell.

    `refused` are the numbers of those that get nothing: their holds and log rows are refused. This
    transaction has claimed the orders (`ClaimHolds`) and locked the cells.
    """

    taken: tuple[Line, ...]
    refused: frozenset[str]


@dataclass(frozen=True, slots=True)
class DueHolds(Step[tuple[str, ...]]):
    """Numbers of unpaid holds whose deadline has passed on the store's clock, oldest first."""

    limit: int


@dataclass(frozen=True, slots=True)
class TakeIfEnough(Step[bool]):
    """`UPDATE ... SET sellable = sellable - q WHERE sellable >= q`: true if it took."""

    cell: Cell
    quantity: int


@dataclass(frozen=True, slots=True)
class TakeOfAll(Step[bool]):
    """`UPDATE ... SET sellable = sellable - q WHERE sellable >= q`, of every cell there is.

    Nobody wants this; it is what a statement without its SKU does. True if any cell was hit.
    """

    quantity: int


@dataclass(frozen=True, slots=True)
class GiveBack(Step[None]):
    """Add units to a cell."""

    cell: Cell
    quantity: int


@dataclass(frozen=True, slots=True)
class ReadCell(Step[CellRow]):
    """Read a cell without locking it. An unknown cell reads as (0, 0)."""

    cell: Cell


@dataclass(frozen=True, slots=True)
class ReadCellLocked(Step[CellRow]):
    """`SELECT ... FOR UPDATE`: the row stays ours until the transaction ends."""

    cell: Cell


@dataclass(frozen=True, slots=True)
class ReadCellNowait(Step[CellRow]):
    """`SELECT ... FOR UPDATE NOWAIT`: `LockTimeout` at once if somebody else has the row."""

    cell: Cell


@dataclass(frozen=True, slots=True)
class LockName(Step[None]):
    """Take the lock of that name, which belongs to no row, until the transaction ends."""

    name: str


@dataclass(frozen=True, slots=True)
class ReadCellsLocked(Step[tuple[CellRow, ...]]):
    """`SELECT ... FOR UPDATE` of several cells, locked in their order; answers in the order asked.

    The cells are sorted and different. An unknown one reads as (0, 0).
    """

    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class WriteCell(Step[None]):
    """Set a cell's units, whatever they are now."""

    cell: Cell
    sellable: int


@dataclass(frozen=True, slots=True)
class WriteCellIfVersion(Step[bool]):
    """Compare and set: write only if nobody has written since `version` was read."""

    cell: Cell
    sellable: int
    version: int


@dataclass(frozen=True, slots=True)
class DrawToken(Step[CellRow]):
    """Raise the cell's version and answer with the row: the version is a fencing token.

    It is left at the row with the read, so that a holder with an older token can no longer write.
    An unknown cell answers (0, 0).
    """

    cell: Cell


@dataclass(frozen=True, slots=True)
class AddTasks(Step[None]):
    """Leave one task a change of a cell for the worker (scheme B), in this transaction."""

    order_number: str
    generation: int
    changes: tuple[tuple[Cell, int], ...]


@dataclass(frozen=True, slots=True)
class TakeTasks(Step[tuple[Task, ...]]):
    """Lock the oldest tasks that nobody else has locked (SKIP LOCKED), and read them."""

    limit: int


@dataclass(frozen=True, slots=True)
class FinishTask(Step[None]):
    """Mark a task as done."""

    task_id: int


@dataclass(frozen=True, slots=True)
class RecordAdjustment(Step[int | None]):
    """Write a journal entry under an idempotency key.

    None: it is new. A number: the key was there already (after waiting for whoever was writing
    it), with this delta, and nothing was written.
    """

    key: str
    cell: Cell
    delta: int
    reason: str


@dataclass(frozen=True, slots=True)
class OpenCells(Step[None]):
    """Create cells with their opening quantities, and the journal entries that say so."""

    openings: tuple[Opening, ...]


@dataclass(frozen=True, slots=True)
class ReadCells(Step[tuple[int, ...]]):
    """Units of several cells in one round trip, in the order asked; unknown cells have 0."""

    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class ReadUnmerged(Step[tuple[int, ...]]):
    """Units of several cells after all the tasks that wait: counter and tasks at one moment.

    Locks nothing. In the order asked; unknown cells have 0.
    """

    cells: tuple[Cell, ...]
