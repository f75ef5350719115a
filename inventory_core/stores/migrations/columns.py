"""Types of columns as migrations write them. Released migrations rest on these: never change one.

Texts are compared byte by byte on every database; on MariaDB one that is indexed, or an enum, has a
length.
"""

from __future__ import annotations

from sqlalchemy import VARCHAR, Text
from sqlalchemy.dialects.mysql import LONGTEXT
from sqlalchemy.types import TypeEngine

BINARY = "utf8mb4_bin"


def word(most: int | None = None) -> TypeEngine[str]:
    """A text, of at most so many characters on MariaDB."""
    maria = LONGTEXT(collation=BINARY) if most is None else VARCHAR(most, collation=BINARY)
    return (
        Text()
        .with_variant(Text(collation="C"), "postgresql")
        .with_variant(maria, "mysql", "mariadb")
    )


def key() -> TypeEngine[str]:
    """A text that is indexed."""
    return word(191)


def choice() -> TypeEngine[str]:
    """The text of an enum."""
    return word(32)
