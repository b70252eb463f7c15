"""The audit trail, read by people."""

from collections.abc import Iterable
from typing import Annotated

from litestar import Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter

from channel import web
from channel.access import queries, service
from channel.access.changes import changes_of
from channel.access.from_requests import audit_filter, cursor_behind
from channel.access.pages.forms import AnyRequest
from channel.access.queries import AuditFilter
from channel.access.rules import ROLE_NAMES, Person
from channel.access.trail_file import audit_file
from channel.access.trail_words import UNKNOWN, act_words, subject_words, via_words

_A_PAGE = 50


@get("/audit", dependencies={"wanted": Provide(audit_filter, sync_to_thread=False)}, include_in_schema=False)
async def list_audit(
    request: AnyRequest, person: NamedDependency[Person], wanted: NamedDependency[AuditFilter]
) -> Response[str]:
    """The trail, filtered, the latest first."""
    rows = await service.audit_lines(person, wanted, _A_PAGE + 1)
    shown = rows[:_A_PAGE]
    told = web.language_of(request)
    return web.page(
        request,
        "access/audit.html",
        lines=[(line, changes_of(line["before"], line["after"], told)) for line in shown],
        next=cursor_behind(shown[-1]) if len(rows) > _A_PAGE else None,
        acts=_acts(told, await queries.acts()),
        act_words=act_words,
        subject_words=subject_words,
        via_words=via_words,
        unknown=UNKNOWN,
        role_names={role.value: name for role, name in ROLE_NAMES.items()},
    )


def _acts(told: web.Language, codes: Iterable[str]) -> list[tuple[str, str]]:
    """The acts to choose from, each code with its words, in the order of the words."""
    return sorted(((code, told.tell(act_words(code))) for code in codes), key=lambda act: act[1].casefold())


@get(
    "/audit/export",
    dependencies={"wanted": Provide(audit_filter, sync_to_thread=False)},
    include_in_schema=False,
    heavy=True,
)
async def export_audit(
    request: AnyRequest,
    person: NamedDependency[Person],
    wanted: NamedDependency[AuditFilter],
    kind: Annotated[web.FileKind, QueryParameter(name="format")] = "xlsx",
) -> Response[bytes]:
    """Exactly what is filtered, as a file, in the words of the page."""
    return await audit_file(await service.every_audit_line(person, wanted), kind, web.language_of(request))


ROUTES = (list_audit, export_audit)
