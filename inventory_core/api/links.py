"""Where one can go from here: OpenAPI links from what makes a thing to what can be done with it.

    PUT /v1/transfers/{code}  ->  GET /v1/transfers/{code}, POST /v1/transfers/{code}/send, ...
    POST /v1/orders           ->  GET /v1/orders/{channel}/{number}, POST .../pay, ...

Readers see what follows what, and testing tools follow it.
"""

from __future__ import annotations

import re
from typing import Any

MADE = ("200", "201", "202")
"""Statuses after which the thing is there."""
IN_BODY = {("post", "/v1/orders"): ("/v1/orders/{channel}/{number}", ("channel", "number"))}
"""Operations that name what they make in their body."""


def add_links(document: dict[str, Any]) -> None:
    """Write the links into a document."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            below, parameters = _made_by(method, path)
            links = _links(document, below, parameters) if parameters else {}
            links.pop(operation["operationId"], None)
            for status in MADE:
                if links and status in operation["responses"]:
                    operation["responses"][status]["links"] = links


def _made_by(method: str, path: str) -> tuple[str, dict[str, str]]:
    """The path of what an operation makes, and where its parameters are found."""
    if (method, path) in IN_BODY:
        below, names = IN_BODY[method, path]
        return below, {name: f"$request.body#/{name}" for name in names}
    names = tuple(re.findall(r"{(\w+)}", path)) if method == "put" else ()
    return path, {name: f"$request.path.{name}" for name in names}


def _links(document: dict[str, Any], below: str, parameters: dict[str, str]) -> dict[str, Any]:
    """Links to everything at a path and below it, by the names of the operations."""
    return {
        operation["operationId"]: {
            "operationId": operation["operationId"],
            "parameters": parameters,
        }
        for path, methods in document["paths"].items()
        if path == below or path.startswith(f"{below}/")
        for operation in methods.values()
    }
