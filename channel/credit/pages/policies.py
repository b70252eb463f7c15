"""Versions of the policy as pages: listed, edited, compared, proposed and decided."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from channel import clock, web
from channel.access.rules import Person, Right, require
from channel.acts import Why
from channel.credit.acts import ApprovePolicy, ProposePolicy, RefusePolicy, WithdrawPolicy
from channel.credit.lists import POLICIES
from channel.credit.pages.form_reading import AnyRequest, needed_day, shared, typed
from channel.credit.pages.policy_form import (
    TABLES,
    beside,
    document_of,
    levels_of,
    methods_of,
    sections_of,
    tables_of,
)
from channel.credit.queries.policies import decisions
from channel.credit.rules import Policy, policy_to_document
from channel.credit.service import policies
from channel.credit.service.policies import Version
from channel.database.snapshots import view_of
from channel.digits import whole_number
from channel.edits import Overtaken
from channel.errors import Invalid, Message, NotFound, Refused, m
from channel.lists import Page, Wanted, page_in


async def _versions(person: Person, _asked: object, wanted: Wanted) -> Page[Version]:
    return page_in(await policies.all_versions(person), POLICIES, wanted)


async def _in_force(_request: AnyRequest, _person: Person, _asked: object) -> dict[str, Any]:
    in_force = await policies.policy_at(view_of())
    facts = [m("Policy %(version)s counts today", version=str(in_force.version))]
    return {"in_force": in_force, "facts": facts, **shared()}


async def _show(
    request: AnyRequest,
    person: Person,
    version: int,
    other: int | None = None,
) -> Response[str]:
    found = await policies.version_of(person, version)
    try:
        before, _, changes = await policies.compare(person, version, other)
    except NotFound:
        before, changes = None, []
    return web.page(
        request,
        "credit/policy.html",
        acts={name: shape for name, (shape, _, _) in _ACTS.items()},
        version=found,
        before=before,
        changes=changes,
        versions=[each for each in await policies.all_versions(person) if each.version != version],
        decisions=await decisions(version),
        sections=sections_of(found.policy),
        methods=methods_of(found.policy),
        levels=[each for each in levels_of(found.policy) if each[1] is not None],
        in_force=await policies.policy_at(view_of()),
        **shared(),
    )


@get("/credit/policies/{version:int}", opt={"asks": ("with",)}, include_in_schema=False)
async def show_policy(request: AnyRequest, person: NamedDependency[Person], version: FromPath[int]) -> Response[str]:
    """One version, compared with the one before it."""
    other = request.query_params.get("with") or ""
    return await _show(request, person, version, whole_number(other))


async def _form(
    request: AnyRequest,
    policy: Policy,
    draft: Version | None,
    effective_from: str,
    refused: Refused | None = None,
    form: dict[str, str] | None = None,
) -> Response[str]:
    return web.page(
        request,
        "credit/policy_edit.html",
        refused=refused,
        form=form,
        policy=policy,
        draft=draft,
        document=policy_to_document(policy),
        effective_from=effective_from,
        sections=sections_of(policy),
        methods=methods_of(policy),
        levels=levels_of(policy),
        tables=tables_of(policy),
        **shared(),
    )


@get("/credit/policies/new", include_in_schema=False)
async def show_new(
    request: AnyRequest, person: NamedDependency[Person], base: FromQuery[int | None] = None
) -> Response[str]:
    """The form for a new version, from the one in force or another."""
    require(person, Right.PROPOSE_POLICY)
    start = await _base(person, base)
    return await _form(request, start, None, clock.today().isoformat())


async def _base(person: Person, base: int | None) -> Policy:
    if base is None:
        return await policies.policy_at(view_of())
    return (await policies.version_of(person, base)).policy


@post("/credit/policies/new", include_in_schema=False, long_texts=TABLES)
async def add(
    request: AnyRequest, person: NamedDependency[Person], base: FromQuery[int | None] = None
) -> Response[str] | Response[None]:
    """Keep a new version as a draft."""
    form = await typed(request)
    start = await _base(person, base)
    return await _keep(request, person, start, None, form)


@get("/credit/policies/{version:int}/edit", include_in_schema=False)
async def show_edit(request: AnyRequest, person: NamedDependency[Person], version: FromPath[int]) -> Response[str]:
    """The form for a draft."""
    require(person, Right.PROPOSE_POLICY)
    found = await policies.version_of(person, version)
    return await _form(request, found.policy, found, found.effective_from.isoformat())


@post("/credit/policies/{version:int}/edit", include_in_schema=False, long_texts=(*TABLES, web.OPENED))
async def edit(
    request: AnyRequest, person: NamedDependency[Person], version: FromPath[int]
) -> Response[str] | Response[None]:
    """Keep another text of a draft."""
    form = await typed(request)
    found = await policies.version_of(person, version)
    return await _keep(request, person, found.policy, found, form)


async def _keep(
    request: AnyRequest, person: Person, base: Policy, draft: Version | None, form: dict[str, str]
) -> Response[str] | Response[None]:
    document, unread = document_of(form, base)
    if unread:
        return await _again(request, base, draft, form, Invalid(m("The policy cannot be used so."), tuple(unread)))
    try:
        day, note = needed_day(form, "effective_from"), form.get("note", "")
        if draft is None:
            version = await policies.draft_policy(person, document, day, note)
        else:
            version, opened = draft.version, web.opened_as(policies.Opened, form)
            await policies.edit_policy(person, version, document, day, note, opened=opened)
    except Invalid as refused:
        return await _again(request, base, draft, form, refused)
    except Overtaken as refused:
        # All of it stays as it was typed; what it is held against next time is what stands now.
        typed_again = {name: value for name, value in form.items() if name != web.OPENED}
        return await _again(request, base, draft, typed_again, refused)
    return web.redirect(f"/credit/policies/{version}", m("The draft is kept."))


async def _again(
    request: AnyRequest, base: Policy, draft: Version | None, form: dict[str, str], refused: Refused
) -> Response[str]:
    """The form as it was typed, with what is wrong beside the fields."""
    shown = Refused(refused.title, beside(refused.errors), refused.status)
    return await _form(request, base, draft, form.get("effective_from", ""), shown, form)


_Deciding = Callable[[Person, int, Any], Awaitable[None]]
_ACTS: Mapping[str, tuple[type[Why], _Deciding, Message]] = MappingProxyType(
    {
        "propose": (
            ProposePolicy,
            policies.propose_policy,
            m("Policy %(version)s is proposed: another person decides."),
        ),
        "approve": (ApprovePolicy, policies.approve_policy, m("Policy %(version)s is approved.")),
        "refuse": (RefusePolicy, policies.refuse_policy, m("Policy %(version)s is refused.")),
        "withdraw": (WithdrawPolicy, policies.withdraw_policy, m("Policy %(version)s is withdrawn.")),
    }
)


@post("/credit/policies/{version:int}/{act:str}", include_in_schema=False)
async def decide(
    request: AnyRequest, person: NamedDependency[Person], version: FromPath[int], act: FromPath[str]
) -> Response[str] | Response[None]:
    """Propose, approve, refuse or withdraw a version."""
    if act not in _ACTS:
        raise NotFound(m("There is no such act."))
    shape, carry_out, said = _ACTS[act]
    return await web.act(
        request,
        shape,
        partial(carry_out, person, version),
        partial(_show, request, person, version),
        to=f"/credit/policies/{version}",
        said=m(said.text, version=str(version)),
    )


_LIST = web.list_routes(POLICIES, "/credit/policies", _versions, template="credit/policies.html", context=_in_force)
ROUTES = (*_LIST, show_policy, show_new, add, show_edit, edit, decide)
