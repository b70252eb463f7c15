"""Credit policies over the API."""

from datetime import date, datetime
from typing import Annotated, Any, Self

import msgspec
from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from channel import web
from channel.access.rules import Person
from channel.acts import Why
from channel.credit.acts import ApprovePolicy
from channel.credit.api.decision_told import AnyRequest, Done
from channel.credit.lists import POLICIES
from channel.credit.queries.policies import decisions
from channel.credit.rules import policy_to_document
from channel.credit.service import policies
from channel.credit.service.policies import Change, Version
from channel.lists import Page, Wanted, page_in
from channel.web import Text, language_of


class PolicyRow(msgspec.Struct):
    """Where a version of the policy stands."""

    version: int
    name: str
    effective_from: date
    state: str
    note: str
    author: str
    created_at: datetime
    approved_at: datetime | None
    approver: str | None

    @classmethod
    def of(cls, version: Version) -> Self:
        """From the version."""
        return cls(**{name: getattr(version, name) for name in cls.__struct_fields__})


class PolicyAct(msgspec.Struct):
    """What somebody did with a version."""

    act: str
    person: str
    reason: str | None
    at: datetime


class PolicyWhole(msgspec.Struct):
    """A version with its document and what was done with it."""

    policy: PolicyRow
    document: dict[str, Any]
    acts: list[PolicyAct]


class PolicyText(msgspec.Struct, forbid_unknown_fields=True):
    """The text of a version: what the document leaves out is as in the shipped policy."""

    document: dict[str, Any]
    effective_from: date
    note: Text = ""


class EditedText(PolicyText, forbid_unknown_fields=True):
    """Another text of a draft; with what was read (`opened`) it is refused where that has been changed since."""

    opened: policies.Opened | None = None


class PolicyDocument(msgspec.Struct, forbid_unknown_fields=True):
    """A document to be checked."""

    document: dict[str, Any]


class Drafted(msgspec.Struct):
    """The number of the new version."""

    version: int


class Changed(msgspec.Struct):
    """A field that differs."""

    path: str
    label: str
    before: str | None
    after: str | None


class Comparison(msgspec.Struct):
    """Two versions and the fields in which they differ."""

    before: PolicyRow
    after: PolicyRow
    items: list[Changed]


def _changed(change: Change, request: AnyRequest) -> Changed:
    tell = language_of(request).tell
    return Changed(change.path, " / ".join(tell(label) for label in change.labels), change.before, change.after)


@get("/api/v1/credit/policies", dependencies=web.list_asked(POLICIES, web.MOST_TOLD))
async def list_policies(person: NamedDependency[Person], wanted: NamedDependency[Wanted]) -> Page[PolicyRow]:
    """Every version of the credit policy, the latest first."""
    return page_in(await policies.all_versions(person), POLICIES, wanted).as_(PolicyRow)


@get("/api/v1/credit/policies/{version:int}")
async def show_policy(person: NamedDependency[Person], version: FromPath[int]) -> PolicyWhole:
    """One version with its document."""
    found = await policies.version_of(person, version)
    acts = [PolicyAct(row["act"], row["person"], row["reason"], row["at"]) for row in await decisions(version)]
    return PolicyWhole(PolicyRow.of(found), policy_to_document(found.policy), acts)


@get("/api/v1/credit/policies/{version:int}/compare")
async def compare_policy(
    request: AnyRequest,
    person: NamedDependency[Person],
    version: FromPath[int],
    other: Annotated[int | None, QueryParameter(name="with")] = None,
) -> Comparison:
    """A version against another, or against the approved one before it."""
    before, after, changes = await policies.compare(person, version, other)
    return Comparison(PolicyRow.of(before), PolicyRow.of(after), [_changed(each, request) for each in changes])


@post("/api/v1/credit/policies/check", status_code=200, only_computes=True)
async def check_policy(person: NamedDependency[Person], data: JSONBody[PolicyDocument]) -> PolicyDocument:
    """The document whole, when nothing is wrong with it; otherwise 422 with every error."""
    await policies.all_versions(person)
    return PolicyDocument(policy_to_document(policies.check_document(data.document)))


@post("/api/v1/credit/policies")
async def draft_policy(person: NamedDependency[Person], data: JSONBody[PolicyText]) -> Drafted:
    """A new draft."""
    return Drafted(await policies.draft_policy(person, data.document, data.effective_from, data.note))


@put("/api/v1/credit/policies/{version:int}")
async def edit_policy(person: NamedDependency[Person], version: FromPath[int], data: JSONBody[EditedText]) -> Drafted:
    """Another text of a draft."""
    await policies.edit_policy(person, version, data.document, data.effective_from, data.note, opened=data.opened)
    return Drafted(version)


@post("/api/v1/credit/policies/{version:int}/propose", status_code=200)
async def propose_policy(person: NamedDependency[Person], version: FromPath[int], data: JSONBody[Why]) -> Done:
    """Put a draft before another person."""
    await policies.propose_policy(person, version, data)
    return Done("proposed")


@post("/api/v1/credit/policies/{version:int}/approve", status_code=200)
async def approve_policy(
    person: NamedDependency[Person], version: FromPath[int], data: JSONBody[ApprovePolicy]
) -> Done:
    """Let a proposed version count from its day on, or from a later one."""
    await policies.approve_policy(person, version, data)
    return Done("approved")


@post("/api/v1/credit/policies/{version:int}/refuse", status_code=200)
async def refuse_policy(person: NamedDependency[Person], version: FromPath[int], data: JSONBody[Why]) -> Done:
    """Refuse a proposed version."""
    await policies.refuse_policy(person, version, data)
    return Done("refused")


@post("/api/v1/credit/policies/{version:int}/withdraw", status_code=200)
async def withdraw_policy(person: NamedDependency[Person], version: FromPath[int], data: JSONBody[Why]) -> Done:
    """Take back a draft or a proposal of one's own."""
    await policies.withdraw_policy(person, version, data)
    return Done("withdrawn")


ROUTES = (
    list_policies, show_policy, compare_policy, check_policy, draft_policy, edit_policy, propose_policy,
    approve_policy, refuse_policy, withdraw_policy,
)  # fmt: skip
