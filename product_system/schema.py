"""The product system's own tables, in one SQLite file, and the rules that keep totals right.

A total is never computed by a consumer: triggers move it by the difference of the row that changes,
in the same statement. So a change that is applied once counts once, and one that is not applied,
because the row's version is newer, does not count at all.

A row that is gone stays, with the version at which it went: else an older change would bring it
back.
"""

from __future__ import annotations

TABLES = """
CREATE TABLE IF NOT EXISTS source (
    source TEXT PRIMARY KEY, epoch INTEGER NOT NULL, complete INTEGER NOT NULL,
    messages INTEGER NOT NULL DEFAULT 0, applied INTEGER NOT NULL DEFAULT 0,
    stale INTEGER NOT NULL DEFAULT 0, committed_at_us INTEGER NOT NULL DEFAULT 0,
    applied_at_us INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS source_row (
    source TEXT NOT NULL, table_name TEXT NOT NULL, row_key TEXT NOT NULL,
    epoch INTEGER NOT NULL, log INTEGER NOT NULL, part INTEGER NOT NULL,
    sku TEXT, place TEXT, units INTEGER NOT NULL, version INTEGER, gone INTEGER NOT NULL,
    committed_at_us INTEGER NOT NULL,
    PRIMARY KEY (source, table_name, row_key),
    CHECK (gone = 1 OR (sku IS NOT NULL AND place IS NOT NULL AND units >= 0))) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS product_stock (
    sku TEXT NOT NULL, place TEXT NOT NULL, total INTEGER NOT NULL, as_of_us INTEGER NOT NULL,
    PRIMARY KEY (sku, place)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dead_letter (
    id INTEGER PRIMARY KEY, source TEXT NOT NULL, message BLOB NOT NULL, reason TEXT NOT NULL,
    tries INTEGER NOT NULL, first_at_us INTEGER NOT NULL, UNIQUE (message));

CREATE TRIGGER IF NOT EXISTS row_came AFTER INSERT ON source_row WHEN NOT new.gone BEGIN
    INSERT INTO product_stock VALUES (new.sku, new.place, new.units, new.committed_at_us)
    ON CONFLICT (sku, place) DO UPDATE SET
        total = total + excluded.total, as_of_us = max(as_of_us, excluded.as_of_us);
END;
CREATE TRIGGER IF NOT EXISTS row_changed AFTER UPDATE ON source_row
WHEN NOT new.gone AND NOT old.gone AND new.sku = old.sku AND new.place = old.place BEGIN
    UPDATE product_stock SET
        total = total + new.units - old.units, as_of_us = max(as_of_us, new.committed_at_us)
    WHERE sku = new.sku AND place = new.place;
END;
CREATE TRIGGER IF NOT EXISTS row_moved AFTER UPDATE ON source_row
WHEN new.gone OR old.gone OR new.sku <> old.sku OR new.place <> old.place BEGIN
    UPDATE product_stock SET
        total = total - old.units, as_of_us = max(as_of_us, new.committed_at_us)
    WHERE NOT old.gone AND sku = old.sku AND place = old.place;
    INSERT INTO product_stock
        SELECT new.sku, new.place, new.units, new.committed_at_us WHERE NOT new.gone
    ON CONFLICT (sku, place) DO UPDATE SET
        total = total + excluded.total, as_of_us = max(as_of_us, excluded.as_of_us);
END;
CREATE TRIGGER IF NOT EXISTS row_left AFTER DELETE ON source_row WHEN NOT old.gone BEGIN
    UPDATE product_stock SET total = total - old.units WHERE sku = old.sku AND place = old.place;
END;
"""

_WRITTEN_DOWN = """
    INSERT INTO applied
        (source, table_name, row_key, epoch, log, part, version, gone, committed_at_us)
    VALUES (new.source, new.table_name, new.row_key, new.epoch, new.log, new.part, new.version,
        new.gone, new.committed_at_us);
"""
AUDIT = f"""
CREATE TABLE IF NOT EXISTS applied (
    number INTEGER PRIMARY KEY, source TEXT NOT NULL, table_name TEXT NOT NULL,
    row_key TEXT NOT NULL, epoch INTEGER NOT NULL, log INTEGER NOT NULL, part INTEGER NOT NULL,
    version INTEGER, gone INTEGER NOT NULL, committed_at_us INTEGER NOT NULL);
CREATE TRIGGER IF NOT EXISTS audit_came AFTER INSERT ON source_row BEGIN {_WRITTEN_DOWN} END;
CREATE TRIGGER IF NOT EXISTS audit_changed AFTER UPDATE ON source_row BEGIN {_WRITTEN_DOWN} END;
"""
"""What every row became, in the order in which it became so: for audits, never emptied."""
