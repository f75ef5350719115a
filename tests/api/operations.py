"""Every operation that the API documents, with an example request of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from inventory_core.api.access import role_of
from inventory_core.api.routes import ROUTERS


@dataclass(frozen=True)
class Operation:
    """One operation of the document."""

    method: str
    path: str
    document: dict[str, Any]
    components: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def statuses(self) -> set[int]:
        """The statuses that it documents."""
        return {int(status) for status in self.document["responses"]}

    @property
    def errors(self) -> set[int]:
        """The errors among them."""
        return {status for status in self.statuses if status >= 400}

    @property
    def filled(self) -> str:
        """The path, with an example for each parameter."""
        path = self.path
        for one in self.document.get("parameters", []):
            if one["in"] == "path":
                path = path.replace("{" + one["name"] + "}", example_of(one))
        return path

    @property
    def query(self) -> dict[str, str]:
        """An example for each required parameter of the query."""
        return {
            one["name"]: example_of(one)
            for one in self.document.get("parameters", [])
            if one["in"] == "query" and one["required"]
        }

    @property
    def body(self) -> Any:
        """The example of its body; None if it has none."""
        if "requestBody" not in self.document:
            return None
        content = next(iter(self.document["requestBody"]["content"].values()))
        return self.example(content["schema"])

    @property
    def sent(self) -> dict[str, Any]:
        """What an HTTP client is given to send the example body."""
        if self.body is None or "application/json" in self.document["requestBody"]["content"]:
            return {"json": self.body}
        return {"content": self.body, "headers": {"Content-Type": "text/csv"}}

    @property
    def nonsense(self) -> dict[str, Any]:
        """A body that it cannot take."""
        return {"json": ["nonsense"]} if "json" in self.sent else {"content": b"\xff"}

    def example(self, schema: dict[str, Any]) -> Any:
        """An example of a schema, put together from those of its parts."""
        if "$ref" in schema:
            return self.example(self.components[schema["$ref"].rsplit("/", 1)[-1]])
        if schema.get("examples"):
            return schema["examples"][0]
        if schema.get("type") == "object":
            wanted = schema.get("required", [])
            return {name: self.example(schema["properties"][name]) for name in wanted}
        if "enum" in schema:
            return schema["enum"][0]
        if schema.get("type") == "array":
            return [self.example(schema["items"])]
        raise AssertionError(f"{self} has no example for {schema}")


def example_of(parameter: dict[str, Any]) -> str:
    """The example of a parameter."""
    schema = parameter["schema"]
    found = schema.get("examples") or [parameter.get("example")]
    assert found[0] is not None, f"the parameter {parameter['name']} has no example"
    return str(found[0])


def operations_of(app: FastAPI) -> list[Operation]:
    """Every operation of the document."""
    document = app.openapi()
    return [
        Operation(method.upper(), path, operation, document["components"]["schemas"])
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def roles() -> dict[str, str]:
    """The role that each operation asks for, by its name; only those that ask for one."""
    found = {}
    for router in ROUTERS:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            role = role_of(route)
            for method in route.methods:
                if role is not None:
                    found[f"{method} {route.path}"] = role.value
    return found
