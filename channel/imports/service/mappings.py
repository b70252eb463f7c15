"""Mappings that are kept under a name, for whoever loads files of the same kind again."""

from collections.abc import Mapping
from typing import Any

from asyncpg import Record

from channel import clock
from channel.access.rules import Person
from channel.access.service import audit
from channel.database import db
from channel.errors import Conflict, NotFound, invalid, m
from channel.imports.queries import uploads as queries
from channel.imports.rules.profile import names_dealers, parse_profile
from channel.imports.service.kinds import kinds_for, spec_for

_NAME_LIMIT = 200


async def keep_profile(person: Person, kind: str, name: str, document: Mapping[str, Any]) -> None:
    """Keep a mapping under a name for everybody who loads this kind; who made it may replace it, and nobody else."""
    spec = spec_for(person, kind)
    if not name.strip():
        raise invalid("name", m("A mapping needs a name."))
    if len(name.strip()) > _NAME_LIMIT:
        raise invalid("name", m("The text is longer than %(limit)s characters.", limit=_NAME_LIMIT))
    checked = parse_profile(spec, document).as_json()
    async with db.transaction():
        if await queries.keeps_profile(kind, name.strip(), checked):
            return
        if not await queries.record_profile(kind, name.strip(), checked, person.login, person.owned_by, clock.now()):
            raise _others_mapping(name.strip())
        await audit(person, "keep mapping", f"{kind} {name.strip()}", after=checked)


async def remove_profile(person: Person, kind: str, name: str) -> None:
    """Forget a kept mapping of one's own, or of somebody who is gone."""
    spec_for(person, kind)
    async with db.transaction():
        if not await queries.remove_profile(kind, name, clock.now()):
            if any(row["name"] == name for row in await profiles_of(person, kind)):
                raise _others_mapping(name)
            raise NotFound(m("No mapping is kept under the name %(name)s.", name=name))
        await audit(person, "remove mapping", f"{kind} {name}")


async def profiles_of(person: Person, kind: str | None) -> list[Record]:
    """The kept mappings of the kinds that this person may load.

    Who is bound to territories is not told those of others that name dealers: they may be of another branch.
    """
    allowed = {spec.kind: spec for spec in kinds_for(person)}
    return [
        row
        for row in await queries.profiles(kind)
        if row["kind"] in allowed
        and (row["own"] or not person.bound or not names_dealers(allowed[row["kind"]], row["document"]))
    ]


def _others_mapping(name: str) -> Conflict:
    return Conflict(m("Somebody else keeps a mapping under the name %(name)s. Choose another name.", name=name))
