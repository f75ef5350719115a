"""The five tables of release 0.1.0: what strategies count, hold, log, leave to do and correct."""

import sqlalchemy as sa
from alembic import op

from inventory_core.stores.migrations.columns import choice, key, word

revision = "0001"
down_revision = None

STATES = "state IN ('held', 'paid', 'shipped', 'refused', 'rolled_back', 'expired', 'tombstone')"
QUIET = {"vacuum_truncate": "off"}


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, key(), nullable=False)


def upgrade() -> None:
    """Make them."""
    _cell()
    _hold()
    _deduction_log()
    _stock_task()
    _adjustment()


def _cell() -> None:
    op.create_table(
        "cell",
        _key("sku"),
        _key("place"),
        _count("sellable"),
        _count("version"),
        sa.PrimaryKeyConstraint("sku", "place"),
        sa.CheckConstraint("sellable >= 0"),
        sa.CheckConstraint("version >= 0"),
        postgresql_with={"fillfactor": 50, **QUIET},
    )


def _hold() -> None:
    op.create_table(
        "hold",
        _key("order_number"),
        sa.Column("fingerprint", word(), nullable=False),
        sa.Column("buyer", word(), nullable=False),
        sa.Column("state", choice(), nullable=False),
        _count("generation"),
        _count("attempts"),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("order_number"),
        sa.CheckConstraint(STATES),
        sa.CheckConstraint("generation >= 1"),
        sa.CheckConstraint("attempts >= 1"),
        postgresql_with=QUIET,
    )
    held = sa.text("state = 'held'")
    columns = ["due_at", "order_number"]
    op.create_index("hold_due", "hold", columns, postgresql_where=held, sqlite_where=held)


def _deduction_log() -> None:
    op.create_table(
        "deduction_log",
        _key("order_number"),
        _count("generation"),
        _count("line"),
        _key("sku"),
        _key("place"),
        _count("quantity"),
        sa.Column("state", choice(), nullable=False),
        sa.PrimaryKeyConstraint("order_number", "generation", "line"),
        sa.CheckConstraint("generation >= 1"),
        sa.CheckConstraint("line >= 1"),
        sa.CheckConstraint("quantity >= 1"),
        sa.CheckConstraint(STATES),
        postgresql_with=QUIET,
    )


def _stock_task() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    # MariaDB counts by AUTO_INCREMENT, which takes no Identity beside it.
    counted = [] if op.get_context().dialect.name in ("mysql", "mariadb") else [_identity()]
    op.create_table(
        "stock_task",
        sa.Column("id", number, *counted, autoincrement=True, nullable=False),
        _key("order_number"),
        _count("generation"),
        _key("sku"),
        _key("place"),
        _count("delta"),
        sa.Column("done", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.CheckConstraint("generation >= 0"),
        postgresql_with=QUIET,
    )
    waiting = sa.text("NOT done")
    name = "stock_task_waiting"
    op.create_index(name, "stock_task", ["id"], postgresql_where=waiting, sqlite_where=waiting)


def _identity() -> sa.Identity:
    return sa.Identity(always=True)


def _adjustment() -> None:
    op.create_table(
        "adjustment",
        _key("adjustment_key"),
        _key("sku"),
        _key("place"),
        _count("delta"),
        sa.Column("reason", word(), nullable=False),
        _count("attempts"),
        sa.PrimaryKeyConstraint("adjustment_key"),
        sa.CheckConstraint("attempts >= 1"),
        postgresql_with=QUIET,
    )
