"""Every error of the API, as `application/problem+json` (RFC 9457).

A problem has type, title, status, detail and instance; `outcome` is what the service answered, and
`reason` why. Errors are raised as `Refusal` and become one of these in one place.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"
_log = logging.getLogger("stockproof.api")


class WrongField(BaseModel):
    """One thing that is wrong with a request."""

    model_config = ConfigDict(extra="forbid")

    where: str = Field(examples=["body.lines.0.quantity"])
    what: str = Field(examples=["Input should be greater than or equal to 1"])


class ProblemBody(BaseModel):
    """What went wrong, for people and for programs (RFC 9457)."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(examples=["urn:stockproof:out_of_stock"], description="Names the problem.")
    title: str = Field(examples=["Conflict"])
    status: int = Field(examples=[409], ge=400, le=599)
    detail: str = Field(examples=["out_of_stock: line 1 asks for 3 of phone-12"])
    instance: str = Field(examples=["/v1/orders"])
    outcome: str | None = Field(None, examples=["refused"], description="The service's answer.")
    reason: str | None = Field(None, examples=["out_of_stock"], description="Why, as a word.")
    errors: list[WrongField] | None = Field(None, description="What is wrong where.")


class Refusal(Exception):
    """A request that is answered with a problem."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        kind: str = "",
        outcome: str | None = None,
        reason: str | None = None,
        errors: list[dict[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.kind = kind or reason or outcome or HTTPStatus(status).name.lower()
        self.outcome, self.reason, self.errors = outcome, reason, errors
        self.headers = dict(headers or {})

    def response(self, path: str) -> Response:
        """The problem, as it goes over the wire; the same refusal gives the same bytes."""
        body: dict[str, Any] = {
            "type": f"urn:stockproof:{self.kind}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "instance": path,
        }
        more = {"outcome": self.outcome, "reason": self.reason, "errors": self.errors}
        body |= {name: value for name, value in more.items() if value is not None}
        return Response(
            json.dumps(body, ensure_ascii=True).encode(),
            self.status,
            headers=self.headers,
            media_type=MEDIA_TYPE,
        )


def not_found(what: str) -> Refusal:
    """There is no such thing."""
    return Refusal(404, f"there is no {what}", outcome="not_found")


def busy(detail: str, outcome: str, after_s: int = 1) -> Refusal:
    """Nothing was done; ask again after so many seconds."""
    return Refusal(503, detail, outcome=outcome, headers={"Retry-After": str(after_s)})


def install(app: FastAPI) -> None:
    """Turn every error of an application into a problem."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _of_http)


def unexpected(path: str, error: BaseException) -> Response:
    """A bug: logged in full, told in one sentence."""
    _log.error("%s failed", path, exc_info=error)
    sentence = "a bug: what it did is in the log of the service; asking again is safe with the key"
    return Refusal(500, sentence).response(path)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return error.response(request.url.path)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = [
        {"where": ".".join(map(str, one["loc"])), "what": _plain(one["msg"])}
        for one in error.errors()
    ]
    detail = f"{len(errors)} of the request's values cannot be: see errors"
    refusal = Refusal(422, detail, kind="invalid", outcome="invalid", errors=errors)
    return refusal.response(request.url.path)


async def _of_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    detail = str(error.detail)
    if error.status_code == 404:
        detail = f"there is nothing at {request.url.path}; see /docs"
    if error.status_code == 405:
        headers["Allow"] = ", ".join(allowed_methods(request))
        detail = f"{request.method} is not for {request.url.path}; it takes {headers['Allow']}"
    if error.status_code == 400:  # what FastAPI calls a body that it cannot read
        refusal = Refusal(422, "the body is not JSON", kind="invalid", outcome="invalid")
        return refusal.response(request.url.path)
    refusal = Refusal(error.status_code, _plain(detail), headers=headers)
    return refusal.response(request.url.path)


def allowed_methods(request: Request) -> list[str]:
    """Every method that some route takes at this path."""
    app: FastAPI = request.app
    methods: set[str] = set()
    for path, method in app.state.operations:
        if path.match(request.url.path):
            methods.add(method)
    return sorted(methods)


def _plain(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def documented(*statuses: int, **said: str) -> dict[int | str, dict[str, Any]]:
    """OpenAPI's `responses` for these errors; `said` adds a sentence: `_409="..."`."""
    return {status: _described(status, said.get(f"_{status}", "")) for status in statuses}


def _described(status: int, said: str) -> dict[str, Any]:
    phrase = HTTPStatus(status).phrase
    example = {
        "type": f"urn:stockproof:{HTTPStatus(status).name.lower()}",
        "title": phrase,
        "status": status,
        "detail": said or USUAL.get(status, phrase),
        "instance": "/v1/orders",
    }
    schema = {"$ref": "#/components/schemas/ProblemBody"}
    answer: dict[str, Any] = {
        "description": said or USUAL.get(status, phrase),
        "content": {MEDIA_TYPE: {"schema": schema, "example": example}},
    }
    headers = {name: _HEADERS[name] for name in _WITH.get(status, ())}
    return answer | ({"headers": headers} if headers else {})


USUAL = {
    401: "No key, or one that is not known: Authorization: Bearer KEYID.SECRET.",
    403: "The key's role may not do this.",
    404: "There is no such thing.",
    409: "The state of things does not allow it; outcome and reason say why.",
    413: "The body is larger than is taken.",
    422: "A value cannot be, or the key was used with another body.",
    429: "Too many requests with this key; ask again after Retry-After seconds.",
    500: "A bug; it is in the log.",
    503: "Too busy, stopping, or a store is gone; ask again after Retry-After seconds.",
}
_HEADERS = {
    "Retry-After": {
        "description": "Seconds to wait.",
        "schema": {"type": "integer", "minimum": 0},
    },
    "WWW-Authenticate": {
        "description": "How to authenticate.",
        "schema": {"type": "string"},
    },
}
_WITH = {401: ("WWW-Authenticate",), 429: ("Retry-After",), 503: ("Retry-After",)}
