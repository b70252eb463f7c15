"""Sent: a policy drafted, edited, and decided."""

from collections.abc import Mapping
from datetime import timedelta

from channel import clock
from channel.access.rules import Person, Role
from channel.versions.rules import written
from tests.make.access import acting, make_person
from tests.make.credit import DEFAULT_POLICY
from tests.make.forms import Sending
from tests.make.limits import draft_policy, propose_policy

DECIDING = (Role.MANAGER, Role.FINANCE)


async def _draft(person: Person) -> Mapping[str, str]:
    async with acting(person):
        number = await draft_policy(person, written(DEFAULT_POLICY), clock.today(), "a draft")
    return {"version": str(number)}


async def _proposed(_: Person) -> Mapping[str, str]:
    author = await make_person(Role.MANAGER)
    names = await _draft(author)
    async with acting(author):
        await propose_policy(author, int(names["version"]), "for this year")
    return names


async def _proposed_late(_: Person) -> Mapping[str, str]:
    """It was to count from a day that is over, so a day is asked for."""
    author = await make_person(Role.MANAGER)
    with clock.fixed(clock.now() - timedelta(days=3)):
        async with acting(author):
            number = await draft_policy(author, written(DEFAULT_POLICY), clock.today(), "a draft")
            await propose_policy(author, number, "for this year")
    return {"version": str(number)}


_STATE = (
    "SELECT coalesce(r.state, CASE WHEN v.withdrawn_by IS NOT NULL THEN 'withdrawn' END) = '{}'"
    " FROM document_version v LEFT JOIN request_general r ON r.id = v.request_id"
    " WHERE v.paper = 'credit policy' AND v.version = {{version}}"
)
_DECIDE = "/credit/policies/{version}/{act}"

CASES = (
    # As it stands, with nothing typed but what changes: nine methods, eight of them not used.
    Sending(
        "/credit/policies/new", "/credit/policies/new", DECIDING, {"note": "by {role}"}, "The draft is kept.",
        "SELECT count(*) = 1 FROM document_version WHERE paper = 'credit policy' AND note = 'by {role}'"
        " AND request_id IS NULL AND jsonb_array_length(document -> 'methods') = 1",
    ),
    Sending(
        "/credit/policies/new", "/credit/policies/new?base=1", DECIDING,
        {"note": "more by {role}", "use.net_worth": "used", "place.net_worth": "2", "season.use": True},
        "The draft is kept.",
        "SELECT document -> 'methods' -> 1 = '{{\"method\": \"net_worth\", \"required\": false}}'"
        " AND document #> '{{season,use}}' = 'true' FROM document_version"
        " WHERE paper = 'credit policy' AND note = 'more by {role}'",
    ),
    Sending(
        "/credit/policies/{version}/edit", "/credit/policies/{version}/edit", DECIDING,
        {"note": "edited by {role}", "floor": "250", "parameters.net_worth_rate": "0.2"}, "The draft is kept.",
        "SELECT (document ->> 'floor')::numeric = 250 AND note = 'edited by {role}' FROM document_version"
        " WHERE paper = 'credit policy' AND version = {version}", before=_draft,
    ),
    Sending(_DECIDE, "/credit/policies/{version}", DECIDING, {"reason": "it is time"}, "is proposed: another person",
            _STATE.format("open"), "[action$='/propose']", before=_draft),
    Sending(_DECIDE, "/credit/policies/{version}", DECIDING, {"reason": "not yet"}, "is withdrawn.",
            _STATE.format("withdrawn"), "[action$='/withdraw']", before=_draft),
    Sending(_DECIDE, "/credit/policies/{version}", [Role.FINANCE], {"reason": "agreed"}, "is approved.",
            _STATE.format("approved"), "[action$='/approve']", before=_proposed),
    Sending(_DECIDE, "/credit/policies/{version}", [Role.FINANCE], {"reason": "agreed"}, "is approved.",
            _STATE.format("approved"), "[action$='/approve']", before=_proposed_late),
    Sending(_DECIDE, "/credit/policies/{version}", [Role.FINANCE], {"reason": "too mild"}, "is refused.",
            _STATE.format("refused"), "[action$='/refuse']", before=_proposed),
)  # fmt: skip
