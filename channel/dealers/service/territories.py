"""Keeping the tree of territories; what exclusivity promises is rewritten in the same act."""

import asyncpg

from channel.access import queries as tree
from channel.access import service as access
from channel.access.rules import Person, Right, require
from channel.acts import changes_of
from channel.database import db
from channel.dealers.acts import AddTerritory, ChangeTerritory
from channel.dealers.queries import exclusivity as queries
from channel.dealers.service.exclusivity import told_days
from channel.errors import Conflict, FieldError, Forbidden, NotFound, invalid, m


def _require(person: Person) -> None:
    require(person, Right.KEEP_TERRITORIES)
    if person.bound:
        raise Forbidden(m("Whoever keeps the territories must see all of them; this token is bound to some."))


async def _node(code: str) -> asyncpg.Record:
    found = await tree.territory_by_code(code)
    if found is None:
        raise NotFound(m("The territory %(code)s is not known.", code=code))
    return found


async def add_territory(person: Person, act: AddTerritory) -> int:
    """Add a node under another (or at the top); grants above it reach it at once; its id."""
    _require(person)
    async with db.transaction():
        await tree.hold_tree(alone=True)
        above = None if not act.parent else await _node(act.parent)
        if await tree.territory_by_code(act.code) is not None:
            raise Conflict(m("The code %(code)s is taken already.", code=act.code))
        posting_id = await access.open_posting(person, "add territory")
        above_id = None if above is None else above["id"]
        territory_id = await tree.record_territory(act.code, act.name, act.level, above_id, posting_id)
        await rewrite_grants(await queries.grants_above(territory_id))
        after = {"name": act.name, "level": act.level, "parent": act.parent}
        await access.audit(person, "add territory", f"territory {act.code}", after=after, posting_id=posting_id)
    return territory_id


async def change_territory(person: Person, act: ChangeTerritory) -> None:
    """Rename a node and, when asked to, hang it with all below it under another one: both or neither.

    Refused where two grants of exclusivity would overlap then.
    """
    _require(person)
    async with db.transaction():
        await tree.hold_tree(alone=True)
        node = await _node(act.code)
        present = {"name": node["name"], "level": node["level"], "parent": await _code_of(node["parent_id"])}
        changed = changes_of(act, present)
        after = present | changed
        if "name" in changed or "level" in changed:
            await tree.rename_territory(node["id"], after["name"], after["level"])
            sides = [{name: each[name] for name in ("name", "level")} for each in (present, after)]
            await access.audit(person, "rename territory", f"territory {act.code}", before=sides[0], after=sides[1])
        if "parent" in changed:
            await _move(person, node, present["parent"], after["parent"])


async def _move(person: Person, node: asyncpg.Record, present: str | None, parent: str | None) -> None:
    above = None if not parent else await _node(parent)
    if above is not None and await tree.is_at_or_below(above["id"], node["id"]):
        raise invalid("parent", m("A territory cannot hang under itself or under one of its own."))
    before = await queries.grants_above(node["id"])
    posting_id = await access.open_posting(person, "move territory")
    await tree.move_territory(node["id"], None if above is None else above["id"], posting_id)
    await rewrite_grants([*before, *await queries.grants_above(node["id"])])
    await access.audit(
        person,
        "move territory",
        f"territory {node['code']}",
        before={"parent": present},
        after={"parent": parent},
        posting_id=posting_id,
    )


async def _code_of(territory_id: int | None) -> str | None:
    if territory_id is None:
        return None
    return next((row["code"] for row in await tree.territories() if row["id"] == territory_id), None)


async def rewrite_grants(grant_ids: list[int]) -> None:
    """Write the rows of these grants anew from the tree as it stands; `Conflict` where two grants now overlap."""
    async with db.system_scope():
        overlap = await queries.first_overlap()
        if overlap is None:
            await queries.drop_nodes(grant_ids)
            await queries.write_nodes(grant_ids)
            return
    sides = []
    for side in ("a", "b"):
        dealer = await queries.dealer_in_scope(overlap[f"{side}_dealer_id"])
        sides.append(
            FieldError(
                "parent",
                m(
                    "%(dealer)s has %(line)s for %(territory)s, %(days)s.",
                    dealer="?" if dealer is None else f"{dealer['name']} ({dealer['code']})",
                    line=overlap["line_name"],
                    territory=overlap[f"{side}_territory"],
                    days=told_days(overlap[f"{side}_from"], overlap[f"{side}_to"]),
                ),
            )
        )
    raise Conflict(m("Two grants of exclusivity would overlap."), tuple(sides))
