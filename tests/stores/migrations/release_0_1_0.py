"""What release 0.1.0 ran to make its schema, word for word; it is never changed."""

COMMANDS = (
    "CREATE SCHEMA schema_",
    "COMMENT ON SCHEMA schema_ IS 'stockproof inventory, format 1: made by stockproof, which "
    "may remove it'",
    'CREATE TABLE schema_.adjustment ( adjustment_key TEXT COLLATE "C" NOT NULL, sku TEXT '
    'COLLATE "C" NOT NULL, place TEXT COLLATE "C" NOT NULL, delta BIGINT NOT NULL, reason '
    'TEXT COLLATE "C" NOT NULL, attempts BIGINT NOT NULL, PRIMARY KEY (adjustment_key), CHECK'
    " (attempts >= 1) ) WITH (vacuum_truncate = off)",
    'CREATE TABLE schema_.cell ( sku TEXT COLLATE "C" NOT NULL, place TEXT COLLATE "C" NOT '
    "NULL, sellable BIGINT NOT NULL, version BIGINT NOT NULL, PRIMARY KEY (sku, place), CHECK"
    " (sellable >= 0), CHECK (version >= 0) ) WITH (fillfactor = 50, vacuum_truncate = off)",
    'CREATE TABLE schema_.deduction_log ( order_number TEXT COLLATE "C" NOT NULL, generation '
    'BIGINT NOT NULL, line BIGINT NOT NULL, sku TEXT COLLATE "C" NOT NULL, place TEXT COLLATE'
    ' "C" NOT NULL, quantity BIGINT NOT NULL, state TEXT COLLATE "C" NOT NULL, PRIMARY KEY '
    "(order_number, generation, line), CHECK (generation >= 1), CHECK (line >= 1), CHECK "
    "(quantity >= 1), CHECK (state IN ('held', 'paid', 'shipped', 'refused', 'rolled_back', "
    "'expired', 'tombstone')) ) WITH (vacuum_truncate = off)",
    'CREATE TABLE schema_.hold ( order_number TEXT COLLATE "C" NOT NULL, fingerprint TEXT '
    'COLLATE "C" NOT NULL, buyer TEXT COLLATE "C" NOT NULL, state TEXT COLLATE "C" NOT NULL, '
    "generation BIGINT NOT NULL, attempts BIGINT NOT NULL, due_at TIMESTAMP WITH TIME ZONE, "
    "PRIMARY KEY (order_number), CHECK (generation >= 1), CHECK (attempts >= 1), CHECK (state"
    " IN ('held', 'paid', 'shipped', 'refused', 'rolled_back', 'expired', 'tombstone')) ) "
    "WITH (vacuum_truncate = off)",
    "CREATE INDEX hold_due ON schema_.hold (due_at, order_number) WHERE state = 'held'",
    "CREATE TABLE schema_.stock_task ( id BIGINT GENERATED ALWAYS AS IDENTITY, order_number "
    'TEXT COLLATE "C" NOT NULL, generation BIGINT NOT NULL, sku TEXT COLLATE "C" NOT NULL, '
    'place TEXT COLLATE "C" NOT NULL, delta BIGINT NOT NULL, done BOOLEAN DEFAULT false NOT '
    "NULL, PRIMARY KEY (id), CHECK (generation >= 0) ) WITH (vacuum_truncate = off)",
    "CREATE INDEX stock_task_waiting ON schema_.stock_task (id) WHERE NOT done",
)
