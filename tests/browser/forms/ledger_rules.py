"""Sent: rules of the ledger drafted, edited, and decided."""

from collections.abc import Mapping

from channel import clock
from channel.access.rules import Person, Role
from channel.acts import Why
from channel.receivables.rules.settings import LEDGER_RULES
from channel.versions import service as versions
from channel.versions.acts import DraftVersion
from tests.make.access import acting, make_person
from tests.make.forms import Sending

_DECIDING = (Role.MANAGER, Role.FINANCE)


async def _draft(person: Person) -> Mapping[str, str]:
    draft = DraftVersion(document={"name": "Strict"}, effective_from=clock.today(), note="a draft")
    async with acting(person):
        return {"version": str(await versions.draft(person, LEDGER_RULES, draft))}


async def _proposed(_: Person) -> Mapping[str, str]:
    author = await make_person(Role.MANAGER)
    names = await _draft(author)
    async with acting(author):
        await versions.propose(author, LEDGER_RULES, int(names["version"]), Why(reason="for this year"))
    return names


_AT = "/receivables/rules"
_STATE = (
    "SELECT coalesce(r.state, CASE WHEN v.withdrawn_by IS NOT NULL THEN 'withdrawn' END) = '{}'"
    " FROM document_version v LEFT JOIN request_general r ON r.id = v.request_id"
    " WHERE v.paper = 'ledger rules' AND v.version = {{version}}"
)

CASES = (
    Sending(
        f"{_AT}/new", f"{_AT}/new", _DECIDING,
        {"note": "by {role}", "currencies.0.currency": "CNY", "currencies.0.tolerance_amount": "1",
         "currencies.0.tolerance_rate": "0.01", "currencies.0.alone_amount": "500"},
        "The draft is kept.",
        "SELECT document #>> '{{currencies,0,alone_amount}}' = '500' FROM document_version"
        " WHERE paper = 'ledger rules' AND note = 'by {role}'",
    ),
    Sending(
        f"{_AT}/{{version}}/edit", f"{_AT}/{{version}}/edit", _DECIDING, {"note": "edited by {role}"},
        "The draft is kept.",
        "SELECT note = 'edited by {role}' FROM document_version WHERE paper = 'ledger rules' AND version = {version}",
        before=_draft,
    ),
    Sending(f"{_AT}/{{version}}/{{act}}", f"{_AT}/{{version}}", _DECIDING, {"reason": "it is time"},
            "is proposed: another person", _STATE.format("open"), "[action$='/propose']", before=_draft),
    Sending(f"{_AT}/{{version}}/{{act}}", f"{_AT}/{{version}}", [Role.FINANCE], {"reason": "agreed"}, "is approved.",
            _STATE.format("approved"), "[action$='/approve']", before=_proposed),
)  # fmt: skip
