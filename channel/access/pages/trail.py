"""The audit trail, read by people."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from asyncpg import Record
from litestar import Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter

from channel import web
from channel.access import queries, service
from channel.access.asked import HEADER, audit_filter, cursor_behind, file_rows
from channel.access.pages.forms import AnyRequest
from channel.access.queries import AuditFilter
from channel.access.rules import ROLE_NAMES, Person

_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Change:
    """One value before and after; `name` is empty where the whole is one value."""

    name: str
    before: str | None
    after: str | None


def changes_of(line: Record) -> list[Change]:
    """What a line of the trail says was changed, value by value."""
    before, after = line["before"], line["after"]
    if before is None and after is None:
        return []
    if isinstance(before, Mapping | None) and isinstance(after, Mapping | None):
        old: Mapping[str, Any] = before or {}
        new: Mapping[str, Any] = after or {}
        changes = [Change(name, _told(old.get(name)), _told(new.get(name))) for name in dict.fromkeys((*old, *new))]
        return [each for each in changes if each.before is not None or each.after is not None]
    return [Change("", _told(before), _told(after))]


def _told(value: object) -> str | None:
    if value is None or value in ([], ""):
        return None
    if isinstance(value, list) and all(isinstance(each, str | int | float) for each in value):
        return ", ".join(map(str, value))
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


@get("/audit", dependencies={"wanted": Provide(audit_filter, sync_to_thread=False)}, include_in_schema=False)
async def list_audit(
    request: AnyRequest, person: NamedDependency[Person], wanted: NamedDependency[AuditFilter]
) -> Response[str]:
    """The trail, filtered, the latest first."""
    rows = await service.audit_lines(person, wanted, _A_PAGE + 1)
    shown = rows[:_A_PAGE]
    return web.page(
        request,
        "access/audit.html",
        lines=[(line, changes_of(line)) for line in shown],
        next=cursor_behind(shown[-1]) if len(rows) > _A_PAGE else None,
        acts=await queries.acts(),
        role_names={role.value: name for role, name in ROLE_NAMES.items()},
    )


@get("/audit/export", dependencies={"wanted": Provide(audit_filter, sync_to_thread=False)}, include_in_schema=False)
async def export_audit(
    person: NamedDependency[Person],
    wanted: NamedDependency[AuditFilter],
    kind: Annotated[web.FileKind, QueryParameter(name="format")] = "xlsx",
) -> Response[bytes]:
    """Exactly what is filtered, as a file."""
    return await web.download("audit", kind, HEADER, file_rows(await service.every_audit_line(person, wanted)))


ROUTES = (list_audit, export_audit)
