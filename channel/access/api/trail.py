"""The audit trail, searched and exported."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter

from channel import web
from channel.access import service
from channel.access.changes import in_words
from channel.access.from_requests import audit_filter
from channel.access.lists import AUDIT
from channel.access.queries import AuditFilter
from channel.access.rules import Person
from channel.lists import ALL, Page, Wanted

AnyRequest = Request[Any, Any, Any]
_ASKED = {"asked": Provide(audit_filter)}


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


@get("/api/v1/audit", dependencies=_ASKED | web.list_asked(AUDIT, 100))
async def list_audit(
    person: NamedDependency[Person], asked: NamedDependency[AuditFilter], wanted: NamedDependency[Wanted]
) -> Page[AuditLine]:
    """Search the trail."""
    return (await service.audit_lines(person, asked, wanted)).as_(AuditLine)


@get(
    "/api/v1/audit/export",
    dependencies=_ASKED,
    heavy=True,
    operation_class=web.DownloadOperation,
)
async def export_audit(
    request: AnyRequest,
    person: NamedDependency[Person],
    asked: NamedDependency[AuditFilter],
    kind: Annotated[web.FileKind, QueryParameter(name="format")] = "csv",
) -> Response[bytes]:
    """Exactly what the filter finds, as a file for people, in the language asked for; the search keeps the codes."""
    told = web.language_of(request)
    found = await service.audit_lines(person, asked, ALL)
    return await web.list_file(AUDIT, kind, [in_words(row, told) for row in found.items], told)


ROUTES = (list_audit, export_audit)
