"""The audit trail, read by people."""

from collections.abc import Iterable
from typing import Any

from channel import web
from channel.access import queries, service
from channel.access.changes import in_words
from channel.access.from_requests import audit_filter
from channel.access.lists import AUDIT
from channel.access.pages.forms import AnyRequest
from channel.access.queries import AuditFilter
from channel.access.rules import ROLE_NAMES, Person
from channel.access.trail_words import UNKNOWN, act_words, subject_words, via_words
from channel.errors import m


async def _beside(request: AnyRequest, _person: Person, _asked: AuditFilter) -> dict[str, Any]:
    return {
        "dense": True,
        "facts": [m("Every act: who, when, what, before and after, and why. Nothing here can be changed or deleted.")],
        "acts": _acts(web.language_of(request), await queries.acts()),
        "subject_words": subject_words,
        "via_words": via_words,
        "unknown": UNKNOWN,
        "role_names": {role.value: name for role, name in ROLE_NAMES.items()},
    }


def _acts(told: web.Language, codes: Iterable[str]) -> list[tuple[str, str]]:
    """The acts to choose from, each code with its words, in the order of the words."""
    return sorted(((code, told.tell(act_words(code))) for code in codes), key=lambda act: act[1].casefold())


ROUTES = web.list_routes(
    AUDIT,
    "/audit",
    service.audit_lines,
    template="access/audit.html",
    filtered=audit_filter,
    context=_beside,
    in_words=in_words,
)
