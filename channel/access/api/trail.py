"""The audit trail, searched and exported."""

from datetime import datetime
from typing import Annotated, Any, Self

import msgspec
from asyncpg import Record
from litestar import Request, Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter

from channel import web
from channel.access import service
from channel.access.from_requests import audit_filter, cursor_behind
from channel.access.queries import AuditFilter
from channel.access.rules import Person
from channel.access.trail_file import audit_file
from channel.lists import Page

AnyRequest = Request[Any, Any, Any]


class AuditLine(msgspec.Struct):
    """One line of the trail; `dealer` is null where the act concerned none."""

    at: datetime
    actor: str
    actor_role: str
    via: str
    act: str
    subject: str
    dealer: str | None
    before: Any
    after: Any
    reason: str | None
    posting_id: int | None
    trail: str
    id: int

    @classmethod
    def of(cls, row: Record) -> Self:
        """From the database's row."""
        return cls(**{name: row[name] for name in cls.__struct_fields__})


@get("/api/v1/audit", dependencies={"wanted": Provide(audit_filter, sync_to_thread=False)})
async def list_audit(
    person: NamedDependency[Person],
    wanted: NamedDependency[AuditFilter],
    limit: Annotated[int, QueryParameter(ge=1, le=1000)] = 100,
) -> Page[AuditLine]:
    """Search the trail."""
    rows = await service.audit_lines(person, wanted, limit + 1)
    shown = rows[:limit]
    return Page([AuditLine.of(row) for row in shown], cursor_behind(shown[-1]) if len(rows) > limit else None)


@get(
    "/api/v1/audit/export",
    dependencies={"wanted": Provide(audit_filter, sync_to_thread=False)},
    heavy=True,
    operation_class=web.DownloadOperation,
)
async def export_audit(
    request: AnyRequest,
    person: NamedDependency[Person],
    wanted: NamedDependency[AuditFilter],
    kind: Annotated[web.FileKind, QueryParameter(name="format")] = "csv",
) -> Response[bytes]:
    """Exactly what the filter finds, as a file for people, in the language asked for; the search keeps the codes."""
    return await audit_file(await service.every_audit_line(person, wanted), kind, web.language_of(request))


ROUTES = (list_audit, export_audit)
