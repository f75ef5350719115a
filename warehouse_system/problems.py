"""What the warehouse answers when it does not do what was asked: problem+json (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request, status
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"


class ProblemDetails(BaseModel):
    """A problem as it goes over the wire. `type` is for programs, `detail` for people."""

    type: str = Field(examples=["urn:warehouse:refused"])
    title: str = Field(examples=["refused"])
    status: int = Field(examples=[409])
    detail: str = Field(examples=["there are 3 of pen-blue on the shelf, and 5 are asked for"])


class WarehouseProblem(Exception):
    """One answer that is not what was asked for: its HTTP status, its type, its sentence."""

    def __init__(self, http_status: int, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.http_status = http_status
        self.kind = kind
        self.detail = detail


def unknown(what: str, name: str, where: str) -> WarehouseProblem:
    """There is no such warehouse, article or shipment; its type says which of them."""
    sentence = f"there is no {what} {name!r} {where}"
    return WarehouseProblem(status.HTTP_404_NOT_FOUND, f"unknown-{what}", sentence)


def refused(why: str) -> WarehouseProblem:
    """The warehouse will not do it, and nothing has moved."""
    return WarehouseProblem(status.HTTP_409_CONFLICT, "refused", why)


def mismatched(kind: str, reference: str) -> WarehouseProblem:
    """The reference came before, with other lines."""
    return WarehouseProblem(
        status.HTTP_409_CONFLICT,
        "mismatched",
        f"the {kind} {reference!r} came before with other lines; use another reference",
    )


def no_cursor(detail: str) -> WarehouseProblem:
    """There is no page there."""
    return WarehouseProblem(status.HTTP_404_NOT_FOUND, "unknown-cursor", detail)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of the problems that a route may answer."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
    return {
        each: {"model": ProblemDetails, "description": TITLES[each], "content": content}
        for each in statuses
    }


TITLES = {
    400: "The request cannot be read",
    401: "The bearer token is missing or wrong",
    404: "There is no such warehouse, article, shipment or page",
    409: "Refused, or the reference came before with other lines: nothing has moved",
    422: "The request makes no sense",
}


def answers_problems(app: FastAPI) -> None:
    """Let every error of the application leave as problem+json."""

    @app.exception_handler(WarehouseProblem)
    def _ours(_request: Request, problem: WarehouseProblem) -> JSONResponse:
        return _answer(problem.http_status, problem.kind, problem.detail)

    @app.exception_handler(RequestValidationError)
    def _unreadable(_request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return _answer(422, "invalid", f"{where}: {first['msg']}")

    @app.exception_handler(HTTPException)
    def _of_http(_request: Request, error: HTTPException) -> JSONResponse:
        kind = "unknown" if error.status_code == status.HTTP_404_NOT_FOUND else "invalid"
        return _answer(error.status_code, kind, str(error.detail), error.headers)


def _answer(
    http_status: int, kind: str, detail: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    more = {"WWW-Authenticate": "Bearer"} if http_status == status.HTTP_401_UNAUTHORIZED else {}
    body = ProblemDetails(
        type=f"urn:warehouse:{kind}", title=kind, status=http_status, detail=detail
    )
    return JSONResponse(
        body.model_dump(), http_status, {**(headers or {}), **more}, media_type=MEDIA_TYPE
    )
