"""A table for every kind of record: what the services of release 0.2.0 keep."""

import sqlalchemy as sa
from alembic import op

from inventory_core.stores.migrations.columns import choice, key, word

revision = "0002"
down_revision = "0001"

QUIET = {"vacuum_truncate": "off"}


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, key(), autoincrement=False, nullable=False)


def _text(name: str, kind: sa.types.TypeEngine[str]) -> sa.Column[str]:
    return sa.Column(name, kind, autoincrement=False, nullable=False)


def _yes_no(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), autoincrement=False, nullable=False)


def upgrade() -> None:
    """Make them, parents first."""
    _act()
    _api_key()
    _buyer_count()
    _channel()
    _entry()
    _feed_mark()
    _movement()
    _opened_cell()
    _restriction()
    _shop_order()
    _stock_move()
    _sync_run()
    _unassigned()
    _warehouse()
    _activity()
    _order_line()
    _service()
    _staged_count()
    _transfer_order()
    _warehouse_stock()
    _activity_quota()
    _allocation()
    _return()
    _transfer_line()


def _act() -> None:
    op.create_table(
        "act",
        _key("act_id"),
        _count("at_ms"),
        _text("who", word()),
        _text("what", word()),
        _text("subject", word()),
        _text("detail", word()),
        sa.CheckConstraint("at_ms >= 0", name="act_at_ms_least"),
        sa.PrimaryKeyConstraint("act_id", name="act_pkey"),
        mysql_engine="InnoDB",
        postgresql_with=QUIET,
    )
    op.create_index("act_by_at_ms_act_id", "act", ["at_ms", "act_id"])


def _api_key() -> None:
    op.create_table(
        "api_key",
        _key("key_id"),
        _text("digest", word()),
        _text("name", word()),
        _text("role", choice()),
        _count("created_ms"),
        _count("revoked_ms"),
        sa.CheckConstraint("role IN ('viewer', 'operator', 'admin')", name="api_key_role_known"),
        sa.CheckConstraint("created_ms >= 0", name="api_key_created_ms_least"),
        sa.CheckConstraint("revoked_ms >= 0", name="api_key_revoked_ms_least"),
        sa.PrimaryKeyConstraint("key_id", name="api_key_pkey"),
        mysql_engine="InnoDB",
        postgresql_with=QUIET,
    )


def _buyer_count() -> None:
    op.create_table(
        "buyer_count",
        _key("activity"),
        _key("buyer"),
        _count("quantity"),
        sa.CheckConstraint("quantity >= 0", name="buyer_count_quantity_least"),
        sa.PrimaryKeyConstraint("activity", "buyer", name="buyer_count_pkey"),
        mysql_engine="InnoDB",
        postgresql_with={**QUIET, "fillfactor": 50},
    )


def _channel() -> None:
    op.create_table(
        "channel",
        _key("code"),
        _text("name", word()),
        _text("engine", word()),
        _text("deduct_at", choice()),
        _count("hold_s"),
        _text("sourcing", word()),
        _yes_no("may_split"),
        _count("reclaim"),
        _yes_no("active"),
        sa.CheckConstraint("deduct_at IN ('order', 'payment')", name="channel_deduct_at_known"),
        sa.CheckConstraint("hold_s >= 0", name="channel_hold_s_least"),
        sa.PrimaryKeyConstraint("code", name="channel_pkey"),
        mysql_engine="InnoDB",
        postgresql_with=QUIET,
    )


def _entry() -> None:
    op.create_table(
        "entry",
        _key("cause"),
        _key("sku"),
        _text("kind", choice()),
        _key("place"),
        _count("delta"),
        _text("reason", word()),
        _count("at_ms"),
        sa.CheckConstraint(
            "kind IN ('physical', 'pre_occupied', 'shortfall', 'in_transit', 'unassigned')",
            name="entry_kind_known",
        ),
        sa.PrimaryKeyConstraint("cause", "sku", "kind", "place", name="entry_pkey"),
        mysql_engine="InnoDB",
        postgresql_with=QUIET,
    )
    op.create_index("entry_by_sku_kind_place", "entry", ["sku", "kind", "place"])


def _feed_mark() -> None:
    op.create_table(
        "feed_mark",
        _key("warehouse"),
        _count("read_through"),
        sa.CheckConstraint("read_through >= 0", name="feed_mark_read_through_least"),
        sa.PrimaryKeyConstraint("warehouse", name="feed_mark_pkey"),
        mysql_engine="InnoDB",
        postgresql_with=QUIET,
    )


def _movement() -> None:
    op.create_table(
        "movement",
        _key("warehouse"),
        _count("sequence"),
        _key("sku"),
        _text("kind", choice()),
        _count("delta"),
        _key("reference"),
        _count("at_ms"),
        _yes_no("applied"),
        sa.CheckConstraint(
            "kind IN ('shipment', 'receipt', 'adjustment', 'transfer_out', 'transfer_in')",
            name="movement_kind_known",
        ),
        sa.CheckConstraint("sequence >= 0", name="movement_sequence_least"),
        sa.PrimaryKeyConstraint("warehouse", "sequence", name="movement_pkey"),
        mysql_engine="InnoDB",
        postgresql_with=QUIET,
    )
    op.create_index(
        "movement_by_warehouse_reference",
        "movement",
        ["warehouse", "reference"],
        postgresql_where=sa.text("applied = false"),
        sqlite_where=sa.text("applied = 0"),
    )
    op.create_index(
        "movement_by_warehouse_sku_sequence", "movement", ["warehouse", "sku", "sequence"]
    )


def _opened_cell() -> None:
    op.create_table(
        "opened_cell",
        _key("engine"),
        _key("sku"),
        _key("place"),
        sa.PrimaryKeyConstraint("engine", "sku", "place", name="opened_cell_pkey"),
        mysql_engine="InnoDB",
        postgresql_with=QUIET,
    )


def _restriction() -> None:
    op.create_table(
        "restriction",
        _key("code"),
        _text("kind", choice()),
        _key("sku"),
        _text("region", word()),
        _count("from_ms"),
        _count("until_ms"),
        _text("from_time", word()),
        _text("until_time", word()),
        _text("reason", word()),
        sa.CheckConstraint(
            "kind IN ('daily', 'promotion', 'stop_ship')", name="restriction_kind_known"
        ),
        sa.PrimaryKeyConstraint("code", name="restriction_pkey"),
        mysql_engine="InnoDB",
        postgresql_with=QUIET,
    )
    op.create_index("restriction_by_sku", "restriction", ["sku"])


def _shop_order() -> None:
    op.create_table(
        "shop_order",
        _key("order_id"),
        _text("channel", word()),
        _text("number", word()),
        _text("buyer", word()),
        _text("address", word()),
        _text("fingerprint", word()),
        _text("deduct_at", choice()),
        _yes_no("partial"),
        _text("state", choice()),
        _text("intent", choice()),
        _count("intent_ms"),
        _count("generation"),
        _count("placed_ms"),
        _count("hold_s"),
        _count("due_ms"),
        _text("reason", word()),
        _text("answer", word()),
        sa.CheckConstraint("deduct_at IN ('order', 'payment')", name="shop_order_deduct_at_known"),
        sa.CheckConstraint(
            "intent IN ('none', 'deduct', 'pay', 'cancel', 'expire', 'refuse', 'close')",
            name="shop_order_intent_known",
        ),
        sa.CheckConstraint(
            "state IN ('unheld', 'held', 'paid', 'part_shipped', 'shipped', 'refused', 'cancelled', 'refunded', 'expired', 'tombstone')",
            name="shop_order_state_known",
        ),
        sa.CheckConstraint("due_ms >= 0", name="shop_order_due_ms_least"),
        sa.CheckConstraint("generation >= 0", name="shop_order_generation_least"),
        sa.CheckConstraint("hold_s >= 0", name="shop_order_hold_s_least"),
        sa.CheckConstraint("intent_ms >= 0", name="shop_order_intent_ms_least"),
        sa.CheckConstraint("placed_ms >= 0", name="shop_order_placed_ms_least"),
        sa.PrimaryKeyConstraint("order_id", name="shop_order_pkey"),
        mysql_engine="InnoDB",
        postgresql_with=QUIET,
    )
    op.create_index(
        "shop_order_by_due_ms_order_id",
        "shop_order",
        ["due_ms", "order_id"],
        postgresql_where=sa.text("state = 'held'"),
        sqlite_where=sa.text("state = 'held'"),
    )
    op.create_index(
        "shop_order_by_intent_ms_order_id",
        "shop_order",
        ["intent_ms", "order_id"],
        postgresql_where=sa.text("intent != 'none'"),
        sqlite_where=sa.text("intent != 'none'"),
    )
    op.create_index(
        "shop_order_by_placed_ms_order_id",
        "shop_order",
        ["placed_ms", "order_id"],
        postgresql_where=sa.text("state IN ('paid', 'part_shipped')"),
        sqlite_where=sa.text("state IN ('paid', 'part_shipped')"),
    )


def _stock_move() -> None:
    op.create_table(
        "stock_move",
        _key("move_key"),
        _key("sku"),
        _text("source", word()),
        _text("target", word()),
        _count("quantity"),
        _yes_no("everything"),
        _text("state", choice()),
        _text("reason", word()),
        _count("at_ms"),
        sa.CheckConstraint(
            "state IN ('asked', 'taken', 'given', 'refused')", name="stock_move_state_known"
        ),
        sa.CheckConstraint("quantity >= 0", name="stock_move_quantity_least"),
        sa.PrimaryKeyConstraint("move_key", name="stock_move_pkey"),
        mysql_engine="InnoDB",
        postgresql_with=QUIET,
    )
    op.create_index(
        "stock_move_by_at_ms_move_key",
        "stock_move",
        ["at_ms", "move_key"],
        postgresql_where=sa.text("state IN ('asked', 'taken')"),
        sqlite_where=sa.text("state IN ('asked', 'taken')"),
    )
    op.create_index("stock_move_by_sku", "stock_move", ["sku"])


def _sync_run() -> None:
    op.create_table(
        "sync_run",
        _key("run"),
        _key("warehouse"),
        _text("sku", word()),
        _text("state", choice()),
        _count("started_ms"),
        _count("ended_ms"),
        _count("pages"),
        _count("staged"),
        _count("applied"),
        _count("changed"),
        _count("stale"),
        _count("absent"),
        _text("reason", word()),
        sa.CheckConstraint(
            "state IN ('staging', 'applying', 'done', 'abandoned')", name="sync_run_state_known"
        ),
        sa.CheckConstraint("absent >= 0", name="sync_run_absent_least"),
        sa.CheckConstraint("applied >= 0", name="sync_run_applied_least"),
        sa.CheckConstraint("changed >= 0", name="sync_run_changed_least"),
        sa.CheckConstraint("pages >= 0", name="sync_run_pages_least"),
        sa.CheckConstraint("staged >= 0", name="sync_run_staged_least"),
        sa.CheckConstraint("stale >= 0", name="sync_run_stale_least"),
        sa.PrimaryKeyConstraint("run", name="sync_run_pkey"),
        mysql_engine="InnoDB",
        postgresql_with=QUIET,
    )
    op.create_index("sync_run_by_warehouse_started_ms", "sync_run", ["warehouse", "started_ms"])


def _unassigned() -> None:
    op.create_table(
        "unassigned",
        _key("sku"),
        _count("quantity"),
        sa.CheckConstraint("quantity >= 0", name="unassigned_quantity_least"),
        sa.PrimaryKeyConstraint("sku", name="unassigned_pkey"),
        mysql_engine="InnoDB",
        postgresql_with={**QUIET, "fillfactor": 50},
    )


def _warehouse() -> None:
    op.create_table(
        "warehouse",
        _key("code"),
        _text("name", word()),
        _text("kind", choice()),
        _text("address", word()),
        _yes_no("backup"),
        _text("status", choice()),
        _text("cut_off", word()),
        _count("utc_offset_min"),
        _count("handling_cost_cents"),
        _text("system_url", word()),
        sa.CheckConstraint("kind IN ('own', 'third_party', 'store')", name="warehouse_kind_known"),
        sa.CheckConstraint("status IN ('active', 'suspended')", name="warehouse_status_known"),
        sa.CheckConstraint("handling_cost_cents >= 0", name="warehouse_handling_cost_cents_least"),
        sa.PrimaryKeyConstraint("code", name="warehouse_pkey"),
        mysql_engine="InnoDB",
        postgresql_with=QUIET,
    )


def _activity() -> None:
    op.create_table(
        "activity",
        _key("code"),
        _text("name", word()),
        _key("channel"),
        _text("engine", word()),
        _count("opens_ms"),
        _count("closes_ms"),
        _count("limit_per_buyer"),
        _text("deduct_at", choice()),
        _count("hold_s"),
        _text("state", choice()),
        sa.CheckConstraint("deduct_at IN ('order', 'payment')", name="activity_deduct_at_known"),
        sa.CheckConstraint(
            "state IN ('planned', 'open', 'closing', 'closed')", name="activity_state_known"
        ),
        sa.CheckConstraint("closes_ms >= 0", name="activity_closes_ms_least"),
        sa.CheckConstraint("hold_s >= 0", name="activity_hold_s_least"),
        sa.CheckConstraint("limit_per_buyer >= 0", name="activity_limit_per_buyer_least"),
        sa.CheckConstraint("opens_ms >= 0", name="activity_opens_ms_least"),
        sa.ForeignKeyConstraint(["channel"], ["channel.code"], name="activity_channel_fkey"),
        sa.PrimaryKeyConstraint("code", name="activity_pkey"),
        mysql_engine="InnoDB",
        postgresql_with=QUIET,
    )
    op.create_index("activity_by_channel", "activity", ["channel"])


def _order_line() -> None:
    op.create_table(
        "order_line",
        _key("order_id"),
        _count("line"),
        _count("part"),
        _text("engine", word()),
        _text("place", word()),
        _text("activity", word()),
        _key("sku"),
        _count("quantity"),
        _count("taken"),
        _count("refunded"),
        sa.CheckConstraint("line >= 1", name="order_line_line_least"),
        sa.CheckConstraint("part >= 1", name="order_line_part_least"),
        sa.CheckConstraint("quantity >= 1", name="order_line_quantity_least"),
        sa.CheckConstraint("refunded <= quantity", name="order_line_refunded_most"),
        sa.CheckConstraint("refunded >= 0", name="order_line_refunded_least"),
        sa.CheckConstraint("taken <= quantity", name="order_line_taken_most"),
        sa.CheckConstraint("taken >= 0", name="order_line_taken_least"),
        sa.ForeignKeyConstraint(
            ["order_id"], ["shop_order.order_id"], name="order_line_order_id_fkey"
        ),
        sa.PrimaryKeyConstraint("order_id", "line", name="order_line_pkey"),
        mysql_engine="InnoDB",
        postgresql_with=QUIET,
    )
    op.create_index("order_line_by_sku", "order_line", ["sku"])


def _service() -> None:
    op.create_table(
        "service",
        _key("warehouse"),
        _key("region"),
        _count("rank"),
        _count("transit_days"),
        _count("parcel_cost_cents"),
        sa.CheckConstraint("parcel_cost_cents >= 0", name="service_parcel_cost_cents_least"),
        sa.CheckConstraint("rank >= 0", name="service_rank_least"),
        sa.CheckConstraint("transit_days >= 0", name="service_transit_days_least"),
        sa.ForeignKeyConstraint(["warehouse"], ["warehouse.code"], name="service_warehouse_fkey"),
        sa.PrimaryKeyConstraint("warehouse", "region", name="service_pkey"),
        mysql_engine="InnoDB",
        postgresql_with=QUIET,
    )
    op.create_index("service_by_region", "service", ["region"])


def _staged_count() -> None:
    op.create_table(
        "staged_count",
        _key("run"),
        _key("sku"),
        _count("quantity"),
        _count("through"),
        _yes_no("applied"),
        sa.CheckConstraint("quantity >= 0", name="staged_count_quantity_least"),
        sa.CheckConstraint("through >= 0", name="staged_count_through_least"),
        sa.ForeignKeyConstraint(["run"], ["sync_run.run"], name="staged_count_run_fkey"),
        sa.PrimaryKeyConstraint("run", "sku", name="staged_count_pkey"),
        mysql_engine="InnoDB",
        postgresql_with=QUIET,
    )
    op.create_index(
        "staged_count_by_run_sku",
        "staged_count",
        ["run", "sku"],
        postgresql_where=sa.text("applied = false"),
        sqlite_where=sa.text("applied = 0"),
    )


def _transfer_order() -> None:
    op.create_table(
        "transfer_order",
        _key("code"),
        _key("source"),
        _key("target"),
        _text("state", choice()),
        _count("created_ms"),
        _count("due_ms"),
        sa.CheckConstraint(
            "state IN ('planned', 'in_transit', 'received', 'cancelled')",
            name="transfer_order_state_known",
        ),
        sa.CheckConstraint("created_ms >= 0", name="transfer_order_created_ms_least"),
        sa.CheckConstraint("due_ms >= 0", name="transfer_order_due_ms_least"),
        sa.ForeignKeyConstraint(["source"], ["warehouse.code"], name="transfer_order_source_fkey"),
        sa.ForeignKeyConstraint(["target"], ["warehouse.code"], name="transfer_order_target_fkey"),
        sa.PrimaryKeyConstraint("code", name="transfer_order_pkey"),
        mysql_engine="InnoDB",
        postgresql_with=QUIET,
    )
    op.create_index("transfer_order_by_source", "transfer_order", ["source"])
    op.create_index("transfer_order_by_target", "transfer_order", ["target"])


def _warehouse_stock() -> None:
    op.create_table(
        "warehouse_stock",
        _key("sku"),
        _key("warehouse"),
        _count("physical"),
        _count("pre_occupied"),
        _count("shortfall"),
        _count("over_promised"),
        _count("counted_through"),
        sa.CheckConstraint("counted_through >= 0", name="warehouse_stock_counted_through_least"),
        sa.CheckConstraint("over_promised >= 0", name="warehouse_stock_over_promised_least"),
        sa.CheckConstraint("physical >= 0", name="warehouse_stock_physical_least"),
        sa.CheckConstraint(
            "pre_occupied <= physical + over_promised", name="warehouse_stock_pre_occupied_most"
        ),
        sa.CheckConstraint("pre_occupied >= 0", name="warehouse_stock_pre_occupied_least"),
        sa.CheckConstraint("shortfall >= 0", name="warehouse_stock_shortfall_least"),
        sa.ForeignKeyConstraint(
            ["warehouse"], ["warehouse.code"], name="warehouse_stock_warehouse_fkey"
        ),
        sa.PrimaryKeyConstraint("sku", "warehouse", name="warehouse_stock_pkey"),
        mysql_engine="InnoDB",
        postgresql_with={**QUIET, "fillfactor": 50},
    )
    op.create_index("warehouse_stock_by_warehouse_sku", "warehouse_stock", ["warehouse", "sku"])


def _activity_quota() -> None:
    op.create_table(
        "activity_quota",
        _key("activity"),
        _key("sku"),
        _count("quota"),
        sa.CheckConstraint("quota >= 0", name="activity_quota_quota_least"),
        sa.ForeignKeyConstraint(
            ["activity"], ["activity.code"], name="activity_quota_activity_fkey"
        ),
        sa.PrimaryKeyConstraint("activity", "sku", name="activity_quota_pkey"),
        mysql_engine="InnoDB",
        postgresql_with=QUIET,
    )


def _allocation() -> None:
    op.create_table(
        "allocation",
        _key("order_id"),
        _count("line"),
        _count("piece"),
        _count("generation"),
        _text("sku", word()),
        _key("warehouse"),
        _count("quantity"),
        _text("state", choice()),
        _count("promised_ms"),
        _text("shipment", word()),
        sa.CheckConstraint(
            "state IN ('reserved', 'dispatched', 'shipped', 'released', 'refused')",
            name="allocation_state_known",
        ),
        sa.CheckConstraint("generation >= 1", name="allocation_generation_least"),
        sa.CheckConstraint("line >= 1", name="allocation_line_least"),
        sa.CheckConstraint("piece >= 1", name="allocation_piece_least"),
        sa.CheckConstraint("quantity >= 1", name="allocation_quantity_least"),
        sa.ForeignKeyConstraint(
            ["order_id", "line"],
            ["order_line.order_id", "order_line.line"],
            name="allocation_order_id_line_fkey",
        ),
        sa.PrimaryKeyConstraint("order_id", "line", "piece", name="allocation_pkey"),
        mysql_engine="InnoDB",
        postgresql_with=QUIET,
    )
    op.create_index("allocation_by_warehouse_state", "allocation", ["warehouse", "state"])


def _return() -> None:
    op.create_table(
        "return",
        _key("return_id"),
        _key("order_id"),
        _count("line"),
        _count("quantity"),
        _text("reason", word()),
        _count("at_ms"),
        sa.CheckConstraint("line >= 1", name="return_line_least"),
        sa.CheckConstraint("quantity >= 1", name="return_quantity_least"),
        sa.ForeignKeyConstraint(
            ["order_id", "line"],
            ["order_line.order_id", "order_line.line"],
            name="return_order_id_line_fkey",
        ),
        sa.PrimaryKeyConstraint("return_id", name="return_pkey"),
        mysql_engine="InnoDB",
        postgresql_with=QUIET,
    )
    op.create_index("return_by_order_id_line", "return", ["order_id", "line"])


def _transfer_line() -> None:
    op.create_table(
        "transfer_line",
        _key("transfer"),
        _key("sku"),
        _count("quantity"),
        _count("in_transit"),
        _count("received"),
        sa.CheckConstraint("in_transit <= quantity", name="transfer_line_in_transit_most"),
        sa.CheckConstraint("in_transit >= 0", name="transfer_line_in_transit_least"),
        sa.CheckConstraint("quantity >= 1", name="transfer_line_quantity_least"),
        sa.CheckConstraint("received >= 0", name="transfer_line_received_least"),
        sa.ForeignKeyConstraint(
            ["transfer"], ["transfer_order.code"], name="transfer_line_transfer_fkey"
        ),
        sa.PrimaryKeyConstraint("transfer", "sku", name="transfer_line_pkey"),
        mysql_engine="InnoDB",
        postgresql_with=QUIET,
    )
