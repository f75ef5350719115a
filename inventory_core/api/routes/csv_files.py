"""Tables as CSV files: out for whoever may look, in for whoever may work."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Path, Query, Request, Response

from inventory_core.api.access import Operator, TheShop, Viewer, note
from inventory_core.api.audited import audited
from inventory_core.api.bodies.csv_files import ImportShown, Table
from inventory_core.api.problems import Refusal, busy, documented
from inventory_core.api.replaying import IdempotencyKey, json_bytes, key_of
from inventory_core.records import ApiKey, Role
from inventory_core.services.csv_report import CsvReport, CsvSaid
from inventory_core.steps.step import Plan

router = APIRouter(prefix="/v1/csv", tags=["csv"])
MEDIA_TYPE = "text/csv"
TableName = Annotated[Table, Path(examples=["physical"])]
EXAMPLE = "warehouse,sku,physical\r\nshenzhen,phone-12,40\r\n"
CONTENT = {
    MEDIA_TYPE: {"schema": {"type": "string", "minLength": 1, "examples": [EXAMPLE]}},
}
T = TypeVar("T")
IMPORTS_AT_ONCE = 2
"""In one process: a long import holds a session, and orders want the others."""
_under_way: set[str] = set()
OUT: dict[int | str, dict[str, Any]] = {
    200: {"description": "UTF-8, RFC 4180, with a header line.", "content": CONTENT}
}
IN = documented(
    409,
    422,
    _409="Lines are wrong and nothing was changed: errors names each; or it is under way.",
    _422="A value cannot be, it is not UTF-8, or the key was used with another text.",
)


@router.get(
    "/{table}", summary="A table as CSV", responses=OUT | documented(422), response_class=Response
)
async def export(shop: TheShop, _: Viewer, table: TableName) -> Response:
    """Every row, in the order of its key. Text that a spreadsheet would run has a ' before it."""
    text = await shop.read(shop.stock.export_csv(table.value))
    named = {"Content-Disposition": f'attachment; filename="{table.value}.csv"'}
    return Response(text.encode(), media_type=f"{MEDIA_TYPE}; charset=utf-8", headers=named)


@router.post(
    "/{table}",
    summary="Import a table from CSV",
    response_model=ImportShown,
    responses=IN,
    openapi_extra={"requestBody": {"required": True, "content": CONTENT}},
)
async def import_(
    request: Request,
    shop: TheShop,
    key: Operator,
    table: TableName,
    dry_run: Annotated[bool, Query(description="Only say what would change.")] = False,
    header: IdempotencyKey = None,
) -> Response:
    """Every line is looked at first; while one is wrong, nothing is changed.

    Rows that the file does not name are left alone. Channels are for admins.
    """
    _may(key, table)
    name, text = key_of(header, None, "key"), _text(await request.body())
    plan = shop.stock.import_csv(table.value, text, name, dry_run=dry_run)
    if dry_run:
        report = await shop.read(plan)
    else:
        said = {"key": name, "bytes": len(text.encode())}
        if name in _under_way or len(_under_way) >= IMPORTS_AT_ONCE:
            plan.close()
            raise busy("an import is under way: ask again with the same key", "under_way", 2)
        once = _alone(name, audited(key, "csv.import", table.value, said, plan))
        report = await shop.write(once)
    note(request, report.said.value)
    return _answer(report, name)


async def _alone(name: str, plan: Plan[T]) -> T:
    """A plan that is known to be under way until it ends, though nobody waits for it any more."""
    _under_way.add(name)
    try:
        return await plan
    finally:
        _under_way.discard(name)
        plan.close()


def _may(key: ApiKey, table: Table) -> None:
    """Only admins choose engines, and a table of channels does."""
    if table is Table.CHANNELS and not key.role.includes(Role.ADMIN):
        said = f"the key {key.key_id} is of a {key.role.value}; channels are for admins"
        raise Refusal(403, said, outcome="forbidden")


def _text(body: bytes) -> str:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if not text:
        said = "the body is empty or not UTF-8: save the file as CSV UTF-8"
        raise Refusal(422, said, kind="invalid", outcome="invalid")
    return text


def _answer(report: CsvReport, name: str) -> Response:
    """The report, or the problem that it is."""
    if report.said is CsvSaid.MISMATCHED:
        raise Refusal(422, report.reason, outcome=report.said.value)
    if report.said is CsvSaid.UNDER_WAY:
        again = {"Retry-After": "1"}
        raise Refusal(409, report.reason, outcome=report.said.value, headers=again)
    if report.said is CsvSaid.WRONG:
        errors = [{"where": f"line {one.line}", "what": one.sentence} for one in report.wrong]
        said = f"{len(errors)} faults, and nothing was changed: mend them and send it again"
        raise Refusal(409, said, outcome="refused", reason="wrong_lines", errors=errors)
    shown = ImportShown.model_validate(
        {
            "outcome": "would" if report.said is CsvSaid.WOULD else "done",
            "table": report.what,
            "key": name,
            "lines": report.lines,
            "changed": report.changed,
            "unchanged": report.unchanged,
            "refused": report.refused,
            "changes": report.changes,
        }
    )
    return json_bytes(shown.model_dump_json(), 200, report.said is CsvSaid.ALREADY_DONE)
