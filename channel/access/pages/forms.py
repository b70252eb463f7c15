"""What a posted form holds, as plain texts."""

from dataclasses import dataclass
from typing import Any

from litestar import Request

from channel import digits
from channel.access import queries
from channel.access.rules import ROLE_NAMES, Role
from channel.access.service import SignedOut
from channel.errors import Message, invalid, m

_MOST = 999_999_999
AnyRequest = Request[Any, Any, Any]
GIVEN_ROLES = (Role.MANAGER, Role.FINANCE, Role.REGIONAL, Role.AUDITOR, Role.ADMINISTRATOR)
LOCALES = (("en", "English"), ("zh", "简体中文"))


@dataclass(frozen=True, slots=True)
class Node:
    """A territory to choose."""

    code: str
    name: str
    depth: int


async def typed(request: AnyRequest) -> dict[str, str]:
    """The form's texts; of a name that came several times the last one."""
    form = await request.form()
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}


async def chosen(request: AnyRequest, name: str) -> list[str]:
    """All texts that came under a name."""
    form = await request.form()
    return [value for each, value in form.multi_items() if each == name and isinstance(value, str) and value]


def whole_number(text: str, field: str) -> int | None:
    """The number in a field, None where it is empty; anything else raises Invalid."""
    text = text.strip()
    if not text:
        return None
    number = digits.whole_number(text, _MOST)
    if number is None:
        raise invalid(field, m("This is not a whole number."))
    return number


def signed_out(ended: SignedOut) -> Message:
    """What signing out everywhere has ended, in words."""
    return m("Sessions ended: %(sessions)s, API tokens: %(tokens)s.", sessions=ended.ended, tokens=ended.tokens)


def role_of(text: str) -> Role:
    """The role that was chosen."""
    try:
        return Role(text)
    except ValueError:
        raise invalid("role", m("Choose a role.")) from None


def role_choices() -> list[tuple[str, Message]]:
    """The roles that people have, to choose from."""
    return [(role.value, ROLE_NAMES[role]) for role in GIVEN_ROLES]


async def nodes_to_choose(within: tuple[int, ...] | None) -> list[Node]:
    """The territories to choose from: all that the asker sees, or those at and below some nodes."""
    rows = await queries.territories()
    if within is not None:
        inside = set(await queries.nodes_below(within))
        rows = [row for row in rows if row["id"] in inside]
    return [Node(row["code"], row["name"], min(row["depth"], 6)) for row in rows]
