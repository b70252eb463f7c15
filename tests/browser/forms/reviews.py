"""Sent: plans of reviews added, drafted, decided, paused, and their reviews opened by hand."""

import secrets
from collections.abc import Mapping

from channel import clock
from channel.access.rules import Person, Role
from channel.acts import Why
from channel.reviews.acts import AddPlan, PausePlan
from channel.reviews.service.plans import PAPER, add_plan, pause_plan
from channel.versions import service as versions
from channel.versions.acts import ApproveVersion, DraftVersion
from tests.make.access import acting, make_person
from tests.make.forms import Sending

_DECIDING = (Role.MANAGER, Role.FINANCE)


async def _added(person: Person) -> Mapping[str, str]:
    code = f"P-{secrets.token_hex(4)}"
    async with acting(person):
        await add_plan(person, AddPlan(code=code, reason="wanted"))
    return {"plan": code}


async def _drafted(person: Person) -> Mapping[str, str]:
    names = await _added(person)
    draft = DraftVersion(document={"name": "Strict"}, effective_from=clock.today(), note="a draft")
    async with acting(person):
        return {**names, "version": str(await versions.draft(person, PAPER, draft, names["plan"]))}


async def _proposed(_: Person) -> Mapping[str, str]:
    author = await make_person(Role.MANAGER)
    names = await _drafted(author)
    async with acting(author):
        await versions.propose(author, PAPER, int(names["version"]), Why(reason="for this year"), names["plan"])
    return names


async def _counting(person: Person) -> Mapping[str, str]:
    names = await _proposed(person)
    async with acting(await make_person(Role.FINANCE)) as second:
        act = ApproveVersion(reason="sound")
        await versions.approve(second, PAPER, int(names["version"]), act, names["plan"])
    return names


async def _paused(person: Person) -> Mapping[str, str]:
    names = await _counting(person)
    async with acting(person):
        await pause_plan(person, names["plan"], PausePlan(reason="moving house"))
    return names


_ONE = "/reviews/plans/{plan}"
_AT = f"{_ONE}/versions"
_PLACE = "/reviews/plans/{of}/versions"
_STATE = (
    "SELECT r.state = '{}' FROM document_version v JOIN request_general r ON r.id = v.request_id"
    " WHERE v.paper = 'review plan' AND v.of = '{{plan}}' AND v.version = {{version}}"
)
_PAUSED = "SELECT paused = {} FROM review_plan_pause WHERE plan = '{{plan}}' ORDER BY id DESC LIMIT 1"
CASES = (
    Sending("/reviews/plans/new", "/reviews/plans/new", _DECIDING, {"code": "N-{me}", "reason": "wanted"},
            "is added: draft what it says.", "SELECT count(*) = 1 FROM review_plan WHERE code = 'N-{me}'"),
    Sending(
        f"{_PLACE}/new", f"{_AT}/new", _DECIDING,
        {"note": "by {role}", "when.rhythm": "monthly", "findings.0.edge": "0.25"}, "The draft is kept.",
        "SELECT document #>> '{{when,rhythm}}' = 'monthly' AND document #>> '{{findings,0,edge}}' = '0.25'"
        " FROM document_version WHERE paper = 'review plan' AND of = '{plan}' AND note = 'by {role}'",
        before=_added,
    ),
    Sending(
        f"{_PLACE}/{{version}}/edit", f"{_AT}/{{version}}/edit", _DECIDING, {"note": "edited by {role}"},
        "The draft is kept.",
        "SELECT note = 'edited by {role}' FROM document_version"
        " WHERE paper = 'review plan' AND of = '{plan}' AND version = {version}",
        before=_drafted,
    ),
    Sending(f"{_PLACE}/{{version}}/{{act}}", f"{_AT}/{{version}}", _DECIDING, {"reason": "it is time"},
            "is proposed: another person", _STATE.format("open"), "[action$='/propose']", before=_drafted),
    Sending(f"{_PLACE}/{{version}}/{{act}}", f"{_AT}/{{version}}", [Role.FINANCE], {"reason": "agreed"},
            "is approved.", _STATE.format("approved"), "[action$='/approve']", before=_proposed),
    Sending("/reviews/plans/{plan}/pause", _ONE, _DECIDING, {"reason": "moving house"}, "The plan is paused.",
            _PAUSED.format("true"), "[action$='/pause']", before=_counting),
    Sending("/reviews/plans/{plan}/resume", _ONE, _DECIDING, {"reason": "settled"}, "The plan opens reviews again.",
            _PAUSED.format("false"), "[action$='/resume']", before=_paused),
    Sending("/reviews/plans/{plan}/open", _ONE, _DECIDING, {"reason": "asked for"}, "The reviews are being opened.",
            "SELECT (SELECT count(*) FROM work WHERE kind = 'open reviews' AND key = '{plan}')"
            " + (SELECT count(*) FROM review_run WHERE plan = '{plan}') = 1",
            "[action$='/open']", before=_counting),
)  # fmt: skip
