"""Reading JSON that a stranger sent: each field is what it should be, or the answer is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

NUMBER_MOST = 2**53  # what every JSON reader keeps exactly


class Unreadable(ValueError):
    """An answer is not what it should be; says which field."""


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one JSON object."""

    values: Mapping[str, object]

    @classmethod
    def of(cls, value: object) -> Fields:
        """The object, or `Unreadable`."""
        if not isinstance(value, dict):
            raise Unreadable(f"an object is due, and this came: {str(value)[:40]!r}")
        return cls(value)

    def text(self, name: str) -> str:
        """A text that is not empty."""
        value = self.values.get(name)
        if not isinstance(value, str) or not value:
            raise self._wrong(name, "a text")
        return value

    def text_or_null(self, name: str) -> str:
        """A text, or null, which reads as the empty one."""
        return "" if self.values.get(name) is None else self.text(name)

    def one_of(self, name: str, names: tuple[str, ...]) -> str:
        """One of these texts."""
        value = self.text(name)
        if value not in names:
            raise self._wrong(name, " or ".join(names))
        return value

    def number(self, name: str, least: int = -NUMBER_MOST) -> int:
        """A whole number, not below `least`."""
        value = self.values.get(name)
        if type(value) is not int or not least <= value <= NUMBER_MOST:
            raise self._wrong(name, "a whole number that fits")
        return value

    def several(self, name: str) -> Iterator[Fields]:
        """A list of objects."""
        value = self.values.get(name)
        if not isinstance(value, list):
            raise self._wrong(name, "a list")
        return map(Fields.of, value)

    def _wrong(self, name: str, due: str) -> Unreadable:
        return Unreadable(f"{name} is {str(self.values.get(name))[:40]!r}, and {due} is due")
