"""Versions of a document as pages: listed, drafted, edited, compared, proposed and decided."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, TypeVar

import msgspec
from litestar import Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from channel import clock, web
from channel.access.rules import Person, require
from channel.acts import OPENED, Why
from channel.database.snapshots import view_of
from channel.digits import whole_number
from channel.edits import Overtaken
from channel.errors import Invalid, Message, NotFound, m
from channel.lists import Page, Wanted, page_in
from channel.versions import queries, service
from channel.versions.acts import (
    ApproveVersion,
    DraftVersion,
    EditVersion,
    ProposeVersion,
    RefuseVersion,
    WithdrawVersion,
)
from channel.versions.addresses import owner_asked
from channel.versions.lists import COMPARED, list_of
from channel.versions.rules import Paper, T, written
from channel.versions.rules.form import beside, document_of, rows_of, sections_of, tables_of
from channel.versions.rules.states import ACT_NAMES, STATE_KINDS, STATE_NAMES
from channel.versions.service import Version
from channel.web.frame import AnyRequest

D = TypeVar("D", bound=DraftVersion)
_Deciding = Callable[..., Awaitable[None]]
_ACTS: Mapping[str, tuple[type[Why], _Deciding, Message]] = MappingProxyType(
    {
        "propose": (ProposeVersion, service.propose, m("%(document)s is proposed: another person decides.")),
        "approve": (ApproveVersion, service.approve, m("%(document)s is approved.")),
        "refuse": (RefuseVersion, service.refuse, m("%(document)s is refused.")),
        "withdraw": (WithdrawVersion, service.withdraw, m("%(document)s is withdrawn.")),
    }
)
_SHAPES = {name: shape for name, (shape, _, _) in _ACTS.items()}


def _shared(paper: Paper[T], of: str) -> dict[str, Any]:
    """What every template of a kind of document shows."""
    return {"paper": paper, "of": of, "address": paper.at(of), "states": STATE_NAMES, "state_kinds": STATE_KINDS}


async def _counting(paper: Paper[T], of: str) -> T | None:
    """What counts today; None before anything does."""
    try:
        return await service.in_force(paper, view_of(), of)
    except NotFound:
        return None


async def _show(
    request: AnyRequest, person: Person, paper: Paper[T], version: int, of: str, other: int | None = None
) -> Response[str]:
    found = await service.version_of(person, paper, version, of)
    try:
        before, _, changes = await service.compare(person, paper, version, other, of)
    except NotFound:
        before, changes = None, []
    own = paper.own
    return web.page(
        request,
        "versions/version.html",
        acts=_SHAPES,
        act_names=ACT_NAMES,
        version=found,
        before=before,
        compared=COMPARED,
        changes=changes,
        done=await queries.acts((paper.code, of, version)),
        sections=sections_of(paper, found.document),
        rows=[each for each in rows_of(paper, found.document) if own is None or each.path not in own.shown],
        own=own.told(found.document) if own else None,
        in_force=await _counting(paper, of),
        today=clock.today(),
        told_from=lambda day: m(paper.from_then_on.text, day=day),
        **_shared(paper, of),
    )


async def _form(
    request: AnyRequest, person: Person, paper: Paper[T], of: str, document: T, draft: Version[T] | None
) -> Response[str]:
    require(person, paper.propose)
    return web.page(
        request,
        "versions/version_edit.html",
        act=EditVersion if draft else DraftVersion,
        document=document,
        draft=draft,
        told=written(document),
        effective_from=(draft.effective_from if draft else clock.today()).isoformat(),
        sections=sections_of(paper, document),
        rows=rows_of(paper, document),
        own=paper.own.told(document) if paper.own else None,
        **_shared(paper, of),
    )


async def _base(person: Person, paper: Paper[T], of: str, base: int | None) -> T:
    """What a new version starts from: the one in force, or another."""
    if base is not None:
        return (await service.version_of(person, paper, base, of)).document
    return await _counting(paper, of) or service.check_document(paper, {})


async def _keep(
    request: AnyRequest,
    paper: Paper[T],
    base: T,
    shape: type[D],
    carry_out: Callable[[D], Awaitable[int]],
    again: Callable[[], Awaitable[Response[str]]],
    of: str,
) -> Response[str] | Response[None]:
    """Keep the text that a form holds; refused, all of it stays as it was typed."""
    typed = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}

    def read(form: FormMultiDict) -> FormMultiDict:
        document, unread = document_of(paper, typed, base)
        if unread:
            raise Invalid(paper.wrong, tuple(unread))
        kept = [(name, form[name]) for name in ("effective_from", "note", OPENED) if name in form]
        return FormMultiDict([*kept, ("document", msgspec.json.encode(document).decode())])

    async def keep(act: D) -> int:
        try:
            return await carry_out(act)
        except Invalid as refused:
            raise Invalid(refused.title, beside(paper, refused.errors)) from None
        except Overtaken as refused:
            # All of it is his own; what it is held against next time is what stands now.
            refused.mine = frozenset(typed) - {OPENED}
            raise

    return await web.act(
        request,
        shape,
        keep,
        again,
        read=read,
        to=lambda version: f"{paper.at(of)}/{version}",
        said=m("The draft is kept."),
    )


def routes_of(paper: Paper[T]) -> tuple[HTTPRouteHandler, ...]:
    """The pages of a kind of document."""
    one = f"{paper.address}/{{version:int}}"
    return (*_looking(paper, one), *_drafting(paper), *_editing(paper, one), _deciding(paper, one))


def _looking(paper: Paper[T], one: str) -> tuple[HTTPRouteHandler, ...]:
    owner, listed = owner_asked(paper), list_of(paper)

    async def versions(person: Person, of: str, wanted: Wanted) -> Page[Version[T]]:
        return page_in(await service.versions_of(person, paper, of), listed, wanted)

    async def beside_list(_request: AnyRequest, _person: Person, of: str) -> dict[str, Any]:
        counting = await _counting(paper, of)
        facts = [m("%(document)s counts today", document=paper.call(counting.version, of))] if counting else []
        return {"in_force": counting, "facts": facts, **_shared(paper, of)}

    @get(one, opt={"asks": ("with",)}, dependencies=owner, include_in_schema=False)
    async def show_version(
        request: AnyRequest, person: NamedDependency[Person], owner: NamedDependency[str], version: FromPath[int]
    ) -> Response[str]:
        """One version, compared with the one before it."""
        other = whole_number(request.query_params.get("with") or "")
        return await _show(request, person, paper, version, owner, other)

    pages = web.list_routes(
        listed,
        paper.address,
        versions,
        template="versions/versions.html",
        filtered=owner["owner"].dependency,
        context=beside_list,
    )
    return (*pages, show_version)


def _drafting(paper: Paper[T]) -> tuple[HTTPRouteHandler, ...]:
    owner = owner_asked(paper)

    @get(f"{paper.address}/new", dependencies=owner, include_in_schema=False)
    async def show_new(
        request: AnyRequest,
        person: NamedDependency[Person],
        owner: NamedDependency[str],
        base: FromQuery[int | None] = None,
    ) -> Response[str]:
        """The form for a new version, from the one in force or another."""
        return await _form(request, person, paper, owner, await _base(person, paper, owner, base), None)

    @post(f"{paper.address}/new", dependencies=owner, include_in_schema=False, long_texts=tables_of(paper))
    async def add(
        request: AnyRequest,
        person: NamedDependency[Person],
        owner: NamedDependency[str],
        base: FromQuery[int | None] = None,
    ) -> Response[str] | Response[None]:
        """Keep a new version as a draft."""
        start = await _base(person, paper, owner, base)
        again = partial(_form, request, person, paper, owner, start, None)
        keep = partial(service.draft, person, paper, of=owner)
        return await _keep(request, paper, start, DraftVersion, keep, again, owner)

    return show_new, add


def _editing(paper: Paper[T], one: str) -> tuple[HTTPRouteHandler, ...]:
    owner = owner_asked(paper)
    long = (*tables_of(paper), OPENED)

    @get(f"{one}/edit", dependencies=owner, include_in_schema=False)
    async def show_edit(
        request: AnyRequest, person: NamedDependency[Person], owner: NamedDependency[str], version: FromPath[int]
    ) -> Response[str]:
        """The form for a draft."""
        found = await service.version_of(person, paper, version, owner)
        return await _form(request, person, paper, owner, found.document, found)

    @post(f"{one}/edit", dependencies=owner, include_in_schema=False, long_texts=long)
    async def edit(
        request: AnyRequest, person: NamedDependency[Person], owner: NamedDependency[str], version: FromPath[int]
    ) -> Response[str] | Response[None]:
        """Keep another text of a draft."""
        found = await service.version_of(person, paper, version, owner)

        async def keep(act: EditVersion) -> int:
            await service.edit(person, paper, version, act, owner)
            return version

        again = partial(_form, request, person, paper, owner, found.document, found)
        return await _keep(request, paper, found.document, EditVersion, keep, again, owner)

    return show_edit, edit


def _deciding(paper: Paper[T], one: str) -> HTTPRouteHandler:
    @post(f"{one}/{{act:str}}", dependencies=owner_asked(paper), include_in_schema=False)
    async def decide(
        request: AnyRequest,
        person: NamedDependency[Person],
        owner: NamedDependency[str],
        version: FromPath[int],
        act: FromPath[str],
    ) -> Response[str] | Response[None]:
        """Propose, approve, refuse or withdraw a version."""
        if act not in _ACTS:
            raise NotFound(m("There is no such act."))
        shape, carry_out, said = _ACTS[act]

        async def done(body: Why) -> None:
            await carry_out(person, paper, version, body, owner)

        return await web.act(
            request,
            shape,
            done,
            partial(_show, request, person, paper, version, owner),
            to=f"{paper.at(owner)}/{version}",
            said=m(said.text, document=paper.call(version, owner)),
        )

    return decide
