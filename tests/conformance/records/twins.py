"""The twins of `tests/conformance/steps`, with the tables of the records beside the others."""

from __future__ import annotations

import dataclasses
from typing import Any

from inventory_core.stores.sql.record_tables import creation, removal, table_name
from scenarios.model.record_conditions import plain
from tests.conformance.records.catalogue import KINDS
from tests.conformance.steps.twins import ModelTwin, RealTwin

Texts = set[tuple[str, ...]]


def _texts(table: str, row: dict[str, Any]) -> tuple[str, ...]:
    return (table, *[f"{name}={plain(value)!r}" for name, value in row.items()])


class ModelRecords(ModelTwin):
    """The model's side."""

    def rows(self) -> Texts:
        """What is committed, as texts."""
        names = {kind.__name__: table_name(kind) for kind in KINDS}
        return super().rows() | {
            _texts(names[str(key[0])], dataclasses.asdict(row))
            for key, row in self._model.rows.by_key.items()
            if key[0] in names
        }


class RealRecords(RealTwin):
    """The server's side."""

    def __init__(self, url: str, schema: str, sessions: int) -> None:
        super().__init__(url, schema, sessions)
        for command in creation(schema):
            self._observer.execute(command.encode())
        self._tables = [table_name(kind) for kind in KINDS]

    def clear(self) -> None:
        """Empty the tables for the next case."""
        super().clear()
        schema = self._store.schema
        emptied = "; ".join(f"DELETE FROM {schema}.{name}" for name in reversed(self._tables))
        self._observer.execute(emptied.encode())

    def close(self) -> None:
        """Hang up and remove the schema; nobody may be left in a transaction then."""
        self.clear()
        for command in removal(self._store.schema):
            self._observer.execute(command.encode())
        super().close()

    def rows(self) -> Texts:
        """What is committed, as texts; read without the codec under test."""
        schema = self._store.schema
        found: Texts = super().rows()
        for name in self._tables:
            query = f"SELECT to_json(one) FROM {schema}.{name} AS one".encode()
            found |= {_texts(name, row) for (row,) in self._observer.execute(query)}
        return found
