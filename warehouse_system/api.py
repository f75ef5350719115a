"""The HTTP interface of the warehouse system: counts, movements, and documents that move shelves.

Every document names a reference that makes it once: 201 the first time, 200 with the same body
after that. The OpenAPI document is at /openapi.json.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from fastapi import Path as InPath
from starlette.exceptions import HTTPException

from warehouse_system import counting, shelves
from warehouse_system.database import Database
from warehouse_system.problems import answers_problems, documented, refused
from warehouse_system.wire import (
    PAGE_MOST,
    Adjustment,
    Count,
    CountPage,
    Document,
    Feed,
    Health,
    Kind,
    Moved,
    Refusing,
    WarehouseOut,
    Warehouses,
)


def application(database: Database, token: str = "") -> FastAPI:
    """The application over a database. With a token, every request but /health has to bear it."""
    app = FastAPI(
        title="Warehouse system",
        version="1",
        summary="Counts as of a movement, the movements, and what moves shelves",
        docs_url=None,
        redoc_url=None,
    )
    app.state.database = database
    app.state.token = token
    answers_problems(app)
    app.include_router(health)
    app.include_router(guarded)
    return app


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


def _admit(request: Request) -> None:
    token: str = request.app.state.token
    borne = request.headers.get("authorization", "")
    if token and not hmac.compare_digest(borne.encode(), f"Bearer {token}".encode()):
        raise HTTPException(401, "the bearer token is missing or wrong")


health = APIRouter()
guarded = APIRouter(dependencies=[Depends(_admit)], responses=documented(400, 401, 422))

Store = Annotated[Database, Depends(_database)]
Code = Annotated[str, InPath(description="code of the warehouse", examples=["east"])]
AFTER_MOST = 2**63 - 1
MOVED = {200: {"model": Moved, "description": "Done before"}, **documented(404, 409)}


@health.get("/health")
def read_health(database: Store) -> Health:
    """It answers, and so does its database."""
    with database.reading() as connection:
        shelves.all_warehouses(connection)
    return Health(status="ok")


@guarded.get("/warehouses")
def read_warehouses(database: Store) -> Warehouses:
    """Every warehouse of this system."""
    with database.reading() as connection:
        return Warehouses(warehouses=shelves.all_warehouses(connection))


@guarded.get("/warehouses/{code}", responses=documented(404))
def read_warehouse(code: Code, database: Store) -> WarehouseOut:
    """One warehouse."""
    with database.reading() as connection:
        return shelves.find(connection, code)


@guarded.get("/warehouses/{code}/counts", responses=documented(404))
def read_counts(
    code: Code,
    database: Store,
    page_size: Annotated[int, Query(ge=1, le=PAGE_MOST)] = 500,
    cursor: Annotated[str | None, Query(max_length=2_000)] = None,
) -> CountPage:
    """A page of a full count as of the movement that its first page fixed."""
    with database.reading() as connection:
        return counting.page_of(connection, code, page_size, cursor)


@guarded.get("/warehouses/{code}/counts/{sku:path}", responses=documented(404))
def read_count(code: Code, sku: str, database: Store) -> Count:
    """What lies on one shelf now."""
    with database.reading() as connection:
        return counting.count_of(connection, code, sku)


@guarded.get("/warehouses/{code}/movements", responses=documented(404))
def read_movements(
    code: Code,
    database: Store,
    after: Annotated[int, Query(ge=0, le=AFTER_MOST)] = 0,
    limit: Annotated[int, Query(ge=1, le=PAGE_MOST)] = 500,
) -> Feed:
    """Movements after a number, in order; those of one document are never parted."""
    with database.reading() as connection:
        return counting.feed_of(connection, code, after, limit)


@guarded.post("/warehouses/{code}/shipments", status_code=201, responses=MOVED)
def ship(code: Code, body: Document, database: Store, response: Response) -> Moved:
    """Ship, or refuse. A refusal stands: the same reference is always answered the same."""
    return _documented(code, Kind.SHIPMENT, body, database, response)


@guarded.get("/warehouses/{code}/shipments/{reference:path}", responses=documented(404, 409))
def read_shipment(code: Code, reference: str, database: Store) -> Moved:
    """What was decided on a shipment."""
    with database.reading() as connection:
        return shelves.shipment_of(connection, code, reference)


@guarded.post("/warehouses/{code}/receipts", status_code=201, responses=MOVED)
def receive(code: Code, body: Document, database: Store, response: Response) -> Moved:
    """Units from a supplier."""
    return _documented(code, Kind.RECEIPT, body, database, response)


@guarded.post("/warehouses/{code}/adjustments", status_code=201, responses=MOVED)
def adjust(code: Code, body: Adjustment, database: Store, response: Response) -> Moved:
    """Corrections after a stocktaking."""
    lines = ((line.sku, line.delta) for line in body.lines)
    return _moved(code, Kind.ADJUSTMENT, body.reference, lines, database, response)


@guarded.post("/warehouses/{code}/transfers-out", status_code=201, responses=MOVED)
def send(code: Code, body: Document, database: Store, response: Response) -> Moved:
    """Units that leave for another warehouse."""
    return _documented(code, Kind.TRANSFER_OUT, body, database, response)


@guarded.post("/warehouses/{code}/transfers-in", status_code=201, responses=MOVED)
def take_in(code: Code, body: Document, database: Store, response: Response) -> Moved:
    """Units that come from another warehouse."""
    return _documented(code, Kind.TRANSFER_IN, body, database, response)


@guarded.put("/warehouses/{code}/refusing", responses=documented(404))
def set_refusing(code: Code, body: Refusing, database: Store) -> WarehouseOut:
    """Refuse shipments from now on, or no longer: of the named articles, or of all."""
    with database.writing() as connection:
        return shelves.refuse(connection, code, body)


def _documented(
    code: str, kind: Kind, body: Document, database: Database, response: Response
) -> Moved:
    lines = ((line.sku, line.quantity) for line in body.lines)
    return _moved(code, kind, body.reference, lines, database, response)


def _moved(
    code: str,
    kind: Kind,
    reference: str,
    lines: Iterable[tuple[str, int]],
    database: Database,
    response: Response,
) -> Moved:
    order = shelves.Order.of(code, kind, reference, lines)
    with database.writing() as connection:
        decision = shelves.carry_out(connection, order)
    if decision.refusal:  # committed above: it stands
        raise refused(decision.refusal)
    if not decision.first:
        response.status_code = 200
    return decision.moved
