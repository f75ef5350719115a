"""Tables for what strategies keep beside the five: parts, single units, claims, quotas, messages.

A schema that a comparison made has them already, and no version.
"""

import sqlalchemy as sa
from alembic import op

from inventory_core.stores.migrations.columns import key, word

revision = "0003"
down_revision = "0002"

QUIET = {"vacuum_truncate": "off"}
HOT = {**QUIET, "fillfactor": 50}


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, key(), autoincrement=False, nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, word(), autoincrement=False, nullable=False)


def _at_least(table: str, field: str, least: int = 0) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{field} >= {least}", name=f"{table}_{field}_least")


def upgrade() -> None:
    """Make them."""
    _account()
    _claim()
    _fence()
    _message()
    _part()
    _quota()
    _stock_unit()


def _account() -> None:
    op.create_table(
        "account",
        _key("sku"),
        _key("place"),
        _count("credits"),
        _count("pending"),
        _count("posted"),
        _at_least("account", "credits"),
        _at_least("account", "pending"),
        _at_least("account", "posted"),
        sa.PrimaryKeyConstraint("sku", "place", name="account_pkey"),
        mysql_engine="InnoDB",
        if_not_exists=True,
        postgresql_with=HOT,
    )


def _claim() -> None:
    op.create_table(
        "claim",
        _key("sku"),
        _key("place"),
        _key("owner"),
        _count("generation"),
        _count("pending"),
        _count("at_ms"),
        _at_least("claim", "generation"),
        _at_least("claim", "pending"),
        _at_least("claim", "at_ms"),
        sa.PrimaryKeyConstraint("sku", "place", "owner", "generation", name="claim_pkey"),
        mysql_engine="InnoDB",
        if_not_exists=True,
        postgresql_with=QUIET,
    )


def _fence() -> None:
    op.create_table(
        "fence",
        _key("name"),
        _count("epoch"),
        _text("holder"),
        _count("due_ms"),
        _at_least("fence", "epoch"),
        _at_least("fence", "due_ms"),
        sa.PrimaryKeyConstraint("name", name="fence_pkey"),
        mysql_engine="InnoDB",
        if_not_exists=True,
        postgresql_with=QUIET,
    )


def _message() -> None:
    op.create_table(
        "message",
        _key("queue"),
        _key("message_key"),
        _count("at_ms"),
        _text("body"),
        sa.Column("done", sa.Boolean(), autoincrement=False, nullable=False),
        _text("answer"),
        _at_least("message", "at_ms"),
        sa.PrimaryKeyConstraint("queue", "message_key", name="message_pkey"),
        mysql_engine="InnoDB",
        if_not_exists=True,
        postgresql_with=QUIET,
    )
    op.create_index(
        "message_by_queue_at_ms_message_key",
        "message",
        ["queue", "at_ms", "message_key"],
        if_not_exists=True,
        postgresql_where=sa.text("done = false"),
        sqlite_where=sa.text("done = 0"),
    )


def _part() -> None:
    op.create_table(
        "part",
        _key("sku"),
        _key("place"),
        _count("part"),
        _count("units"),
        _count("epoch"),
        _at_least("part", "part"),
        _at_least("part", "units"),
        _at_least("part", "epoch"),
        sa.PrimaryKeyConstraint("sku", "place", "part", name="part_pkey"),
        mysql_engine="InnoDB",
        if_not_exists=True,
        postgresql_with=HOT,
    )


def _quota() -> None:
    op.create_table(
        "quota",
        _key("sku"),
        _key("place"),
        _key("node"),
        _count("units"),
        _count("epoch"),
        _count("due_ms"),
        _at_least("quota", "units"),
        _at_least("quota", "epoch"),
        _at_least("quota", "due_ms"),
        sa.PrimaryKeyConstraint("sku", "place", "node", name="quota_pkey"),
        mysql_engine="InnoDB",
        if_not_exists=True,
        postgresql_with=HOT,
    )


def _stock_unit() -> None:
    op.create_table(
        "stock_unit",
        _key("sku"),
        _key("place"),
        _count("unit"),
        _count("free"),
        _key("owner"),
        _count("generation"),
        _at_least("stock_unit", "unit"),
        _at_least("stock_unit", "generation"),
        _at_least("stock_unit", "free"),
        sa.PrimaryKeyConstraint("sku", "place", "unit", name="stock_unit_pkey"),
        mysql_engine="InnoDB",
        if_not_exists=True,
        postgresql_with=HOT,
    )
    for fields in (["sku", "place", "free", "unit"], ["owner", "generation"]):
        name = f"stock_unit_by_{'_'.join(fields)}"
        op.create_index(name, "stock_unit", fields, if_not_exists=True)
