"""The warehouse system's own tables: warehouses, shelves, movements, documents.

A shelf's quantity always equals that of its newest movement; the sequence numbers of a warehouse
have no gap, for a number is given in the transaction that moves the shelf.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

warehouse = Table(
    "warehouse",
    metadata,
    Column("code", String(200), primary_key=True),
    Column("last_sequence", BigInteger, nullable=False, default=0),
    Column("refusing", Boolean, nullable=False, default=False),
    Column("reason", Text, nullable=False, default=""),
    Column("refused_skus", Text, nullable=False, default="[]"),  # JSON; none: every article
)

shelf = Table(
    "shelf",
    metadata,
    Column("warehouse", ForeignKey("warehouse.code"), primary_key=True),
    Column("sku", String(200), primary_key=True),
    Column("quantity", BigInteger, CheckConstraint("quantity >= 0"), nullable=False),
)

movement = Table(
    "movement",
    metadata,
    Column("warehouse", ForeignKey("warehouse.code"), primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("sku", String(200), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("delta", BigInteger, nullable=False),
    Column("quantity", BigInteger, CheckConstraint("quantity >= 0"), nullable=False),
    Column("reference", String(400), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    # A count as of a sequence asks each article for its newest movement up to there.
    Index("movement_of_sku", "warehouse", "sku", "sequence"),
    Index("movement_of_document", "warehouse", "kind", "reference"),
)

document = Table(
    "document",
    metadata,
    Column("warehouse", ForeignKey("warehouse.code"), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("reference", String(400), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("refusal", Text, nullable=False, default=""),  # why it was refused; empty: it was not
)
"""The reference makes a document once. A refused shipment stays refused under its reference."""
