"""Tokens of machines, and all others, for those who keep people."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from channel import web
from channel.access import service
from channel.access.pages.forms import AnyRequest, chosen, nodes_to_choose, typed, whole_number
from channel.access.rules import ROLE_NAMES, Person
from channel.errors import Refused, m


@get("/machines", include_in_schema=False)
async def list_machines(request: AnyRequest, person: NamedDependency[Person]) -> Response[str]:
    """All live tokens, machines first, and the form for a new one."""
    return await _machines(request, person)


@post("/machines", include_in_schema=False, status_code=200)
async def add_machine(request: AnyRequest, person: NamedDependency[Person]) -> Response[str]:
    """Make a token for a machine and show it, this once."""
    form = await typed(request)
    try:
        made = await service.add_machine_token(
            person,
            form.get("name", ""),
            territories=await chosen(request, "territories"),
            days=whole_number(form.get("days", ""), "days"),
        )
    except Refused as refused:
        return await _machines(request, person, refused, form)
    return web.page(request, "access/token.html", made=made, back="/machines")


@post("/machines/{token_id:int}/revoke", include_in_schema=False)
async def revoke_machine(
    request: AnyRequest, person: NamedDependency[Person], token_id: FromPath[int]
) -> Response[None]:
    """End a token."""
    await service.revoke_token(person, token_id, (await typed(request)).get("reason") or None)
    return web.redirect("/machines", m("The token is revoked."))


async def _machines(
    request: AnyRequest, person: Person, refused: Refused | None = None, form: dict[str, str] | None = None
) -> Response[str]:
    return web.page(
        request,
        "access/machines.html",
        refused=refused,
        form=form,
        tokens=await service.tokens(person, everybody=True),
        role_names=ROLE_NAMES,
        nodes=await nodes_to_choose(None),
    )


ROUTES = (list_machines, add_machine, revoke_machine)
