"""Every statement that a plan may ask of PostgreSQL, by the step that asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from inventory_core.steps.step import Step
from inventory_core.stores.sql.cell_statements import cell_statements
from inventory_core.stores.sql.group_statements import group_statements
from inventory_core.stores.sql.hold_statements import hold_statements
from inventory_core.stores.sql.statement import Statement
from inventory_core.stores.sql.tables import tables_of
from inventory_core.stores.sql.task_statements import task_statements


@lru_cache(maxsize=64)
def statements(schema: str) -> Mapping[type[Step[Any]], Statement]:
    """The statements on the tables of a schema, compiled once a process."""
    tables = tables_of(schema)
    return MappingProxyType(
        {
            **cell_statements(tables),
            **hold_statements(tables),
            **group_statements(tables),
            **task_statements(tables),
        }
    )
