"""Versions of a document over the API: the routes of any kind of document."""

from datetime import date, datetime
from typing import Annotated, Any, Self

import msgspec
from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter

from channel import web
from channel.access.rules import Person
from channel.acts import Why
from channel.lists import Page, Wanted, page_in
from channel.versions import queries, service
from channel.versions.acts import ApproveVersion, DraftVersion, EditVersion
from channel.versions.addresses import owner_asked
from channel.versions.lists import list_of
from channel.versions.rules import Paper, T, written
from channel.versions.service import Change, Version
from channel.web.frame import AnyRequest


class VersionRow(msgspec.Struct):
    """Where a version of a document stands."""

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
    def of(cls, version: Version[Any]) -> Self:
        """From the version."""
        return cls(**{name: getattr(version, name) for name in cls.__struct_fields__})


class VersionAct(msgspec.Struct):
    """What somebody did with a version."""

    act: str
    person: str
    reason: str | None
    at: datetime


class Document(msgspec.Struct, forbid_unknown_fields=True):
    """A document to be checked."""

    document: dict[str, Any]


class Drafted(msgspec.Struct):
    """The number of the new version."""

    version: int


class Decided(msgspec.Struct):
    """Where the version stands now."""

    state: str


class Changed(msgspec.Struct):
    """A field that differs."""

    path: str
    label: str
    before: str | None
    after: str | None


class Comparison(msgspec.Struct):
    """Two versions and the fields in which they differ."""

    before: VersionRow
    after: VersionRow
    items: list[Changed]


def whole_of(paper: Paper[T]) -> type[msgspec.Struct]:
    """A version with its document and what was done with it; where it stands is told under the kind's own word."""
    fields = [(paper.key, VersionRow), ("document", dict[str, Any]), ("acts", list[VersionAct])]
    return msgspec.defstruct(f"{paper.model.__name__}Whole", fields, module=__name__)


def _changed(change: Change, request: AnyRequest) -> Changed:
    tell = web.language_of(request).tell
    return Changed(change.path, " / ".join(tell(label) for label in change.labels), change.before, change.after)


def routes_of(paper: Paper[T]) -> tuple[HTTPRouteHandler, ...]:
    """The addresses of a kind of document beneath /api/v1."""
    address = f"/api/v1{paper.address}"
    return (*_reading(paper, address), *_writing(paper, address), *_deciding(paper, f"{address}/{{version:int}}"))


def _reading(paper: Paper[T], address: str) -> tuple[HTTPRouteHandler, ...]:
    one = f"{address}/{{version:int}}"
    owner, listed, whole = owner_asked(paper), list_of(paper), whole_of(paper)

    @get(address, dependencies={**owner, **web.list_asked(listed, web.MOST_TOLD)})
    async def list_versions(
        person: NamedDependency[Person], owner: NamedDependency[str], wanted: NamedDependency[Wanted]
    ) -> Page[VersionRow]:
        """Every version, the latest first."""
        return page_in(await service.versions_of(person, paper, owner), listed, wanted).as_(VersionRow)

    @get(one, dependencies=owner, responses={200: ResponseSpec(whole, generate_examples=False)})
    async def show_version(
        person: NamedDependency[Person], owner: NamedDependency[str], version: FromPath[int]
    ) -> msgspec.Struct:
        """One version with its document."""
        found = await service.version_of(person, paper, version, owner)
        rows = await queries.acts((paper.code, owner, version))
        acts = [VersionAct(row["act"], row["person"], row["reason"], row["at"]) for row in rows]
        return whole(VersionRow.of(found), written(found.document), acts)

    @get(f"{one}/compare", dependencies=owner)
    async def compare_version(
        request: AnyRequest,
        person: NamedDependency[Person],
        owner: NamedDependency[str],
        version: FromPath[int],
        other: Annotated[int | None, QueryParameter(name="with")] = None,
    ) -> Comparison:
        """A version against another, or against the approved one before it."""
        before, after, changes = await service.compare(person, paper, version, other, owner)
        return Comparison(VersionRow.of(before), VersionRow.of(after), [_changed(each, request) for each in changes])

    return list_versions, show_version, compare_version


def _writing(paper: Paper[T], address: str) -> tuple[HTTPRouteHandler, ...]:
    owner = owner_asked(paper)

    @post(f"{address}/check", dependencies=owner, status_code=200, only_computes=True)
    async def check_document(
        person: NamedDependency[Person], owner: NamedDependency[str], data: JSONBody[Document]
    ) -> Document:
        """The document whole, when nothing is wrong with it; otherwise 422 with every error."""
        await service.versions_of(person, paper, owner)
        return Document(written(service.check_document(paper, data.document)))

    @post(address, dependencies=owner)
    async def draft_version(
        person: NamedDependency[Person], owner: NamedDependency[str], data: JSONBody[DraftVersion]
    ) -> Drafted:
        """A new draft."""
        return Drafted(await service.draft(person, paper, data, owner))

    @put(f"{address}/{{version:int}}", dependencies=owner)
    async def edit_version(
        person: NamedDependency[Person],
        owner: NamedDependency[str],
        version: FromPath[int],
        data: JSONBody[EditVersion],
    ) -> Drafted:
        """Another text of a draft."""
        await service.edit(person, paper, version, data, owner)
        return Drafted(version)

    return check_document, draft_version, edit_version


def _deciding(paper: Paper[T], one: str) -> tuple[HTTPRouteHandler, ...]:
    owner = owner_asked(paper)

    @post(f"{one}/propose", dependencies=owner, status_code=200)
    async def propose_version(
        person: NamedDependency[Person], owner: NamedDependency[str], version: FromPath[int], data: JSONBody[Why]
    ) -> Decided:
        """Put a draft before another person."""
        await service.propose(person, paper, version, data, owner)
        return Decided("proposed")

    @post(f"{one}/approve", dependencies=owner, status_code=200)
    async def approve_version(
        person: NamedDependency[Person],
        owner: NamedDependency[str],
        version: FromPath[int],
        data: JSONBody[ApproveVersion],
    ) -> Decided:
        """Let a proposed version count from its day on, or from a later one."""
        await service.approve(person, paper, version, data, owner)
        return Decided("approved")

    @post(f"{one}/refuse", dependencies=owner, status_code=200)
    async def refuse_version(
        person: NamedDependency[Person], owner: NamedDependency[str], version: FromPath[int], data: JSONBody[Why]
    ) -> Decided:
        """Refuse a proposed version."""
        await service.refuse(person, paper, version, data, owner)
        return Decided("refused")

    @post(f"{one}/withdraw", dependencies=owner, status_code=200)
    async def withdraw_version(
        person: NamedDependency[Person], owner: NamedDependency[str], version: FromPath[int], data: JSONBody[Why]
    ) -> Decided:
        """Take back a draft or a proposal of one's own."""
        await service.withdraw(person, paper, version, data, owner)
        return Decided("withdrawn")

    return propose_version, approve_version, refuse_version, withdraw_version
