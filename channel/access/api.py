"""JSON face of the room `access`."""

import msgspec
from litestar import get
from litestar.di import NamedDependency

from channel.access.rules import Person


class Me(msgspec.Struct):
    """Who the token or session speaks for."""

    login: str
    name: str
    role: str
    bound: bool


@get("/api/v1/me")
async def show_me(person: NamedDependency[Person]) -> Me:
    """The person behind this request."""
    return Me(person.login, person.name, person.role.value, person.bound)


ROUTES = (show_me,)
