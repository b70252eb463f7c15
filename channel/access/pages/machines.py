"""Tokens of machines, and all others, for those who keep people."""

from typing import Any

from asyncpg import Record
from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from channel import web
from channel.access import service
from channel.access.acts import MakeMachineToken
from channel.access.lists import TOKENS
from channel.access.pages.forms import AnyRequest, made_page, nodes_to_choose
from channel.access.rules import Person
from channel.errors import m
from channel.lists import Page, Wanted


async def _tokens(person: Person, _filtered: None, wanted: Wanted) -> Page[Record]:
    return await service.tokens(person, everybody=True, wanted=wanted)


async def _beside(*_: object) -> dict[str, Any]:
    return {"act": MakeMachineToken, "nodes": await nodes_to_choose(None)}


async def _again(request: AnyRequest, person: Person) -> Response[str]:
    return web.list_page(
        request, TOKENS, await _tokens(person, None, Wanted(limit=web.A_PAGE)), _TEMPLATE, await _beside()
    )


_TEMPLATE = "access/machines.html"


@post("/machines", include_in_schema=False, status_code=200)
async def add_machine(request: AnyRequest, person: NamedDependency[Person]) -> Response[str] | Response[None]:
    """Make a token for a machine and show it, this once."""
    return await web.act(
        request,
        MakeMachineToken,
        lambda act: service.add_machine_token(person, act),
        lambda: _again(request, person),
        shown=made_page(request, "/machines"),
    )


@post("/machines/{token_id:int}/revoke", include_in_schema=False)
async def revoke_machine(person: NamedDependency[Person], token_id: FromPath[int]) -> Response[None]:
    """End a token."""
    name = await service.revoke_token(person, token_id)
    return web.redirect("/machines", m("The token %(name)s is revoked.", name=name))


ROUTES = (
    *web.list_routes(TOKENS, "/machines", _tokens, template=_TEMPLATE, context=_beside),
    add_machine,
    revoke_machine,
)
