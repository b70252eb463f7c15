"""Granting and ending exclusivity."""

from datetime import date

import asyncpg

from channel.access import queries as tree
from channel.access import service as access
from channel.access.rules import Person, Right, require
from channel.database import db
from channel.dealers.acts import EndExclusivity, GrantExclusivity
from channel.dealers.queries import exclusivity as queries
from channel.dealers.queries import masters
from channel.dealers.rules import Grant
from channel.dealers.service.facts import dealer_by_code
from channel.errors import Conflict, FieldError, Message, NotFound, invalid, m


def told_days(from_on: date, to_on: date | None) -> Message:
    """A half-open span in words; the day named last does not belong to it any more."""
    if to_on is None:
        return m("from %(from_on)s", from_on=from_on)
    return m("from %(from_on)s until %(to_on)s", from_on=from_on, to_on=to_on)


async def grant_exclusivity(person: Person, code: str, act: GrantExclusivity) -> int:
    """Let a dealer alone sell a line in a territory and below it on [from_on, to_on); the grant's id.

    `Conflict` names the grants that it would overlap: which dealer (if the person may see it), where, which days.
    """
    require(person, Right.GRANT_EXCLUSIVITY)
    async with db.transaction():
        dealer = await dealer_by_code(code)
        node = await masters.territory_in_scope(act.territory)
        if node is None:
            raise invalid("territory", m("The territory %(code)s is not known.", code=act.territory))
        found = await masters.product_line(act.line)
        if found is None:
            raise invalid("line", m("The product line %(code)s is not known.", code=act.line))
        await tree.hold_tree(alone=False)
        posting_id = await access.open_posting(person, "grant exclusivity")
        grant = Grant(dealer["id"], found["id"], node["id"], act.from_on, act.to_on)
        grant_id = await _record(grant, act.reason, posting_id)
        await access.audit(
            person,
            "grant exclusivity",
            f"dealer {code}",
            dealer_ids=[dealer["id"]],
            after={"line": act.line, "territory": act.territory, "from_on": act.from_on, "to_on": act.to_on},
            reason=act.reason,
            posting_id=posting_id,
        )
    return grant_id


async def _record(grant: Grant, reason: str, posting_id: int) -> int:
    # Looked up first, so that the words do not cost the transaction; the constraint has the last word all the
    # same, when somebody else has granted between the look and the write.
    await _refuse_meeting(grant)
    try:
        async with db.connection().transaction():
            return await queries.record_grant(grant, reason, posting_id)
    except asyncpg.ExclusionViolationError:
        await _refuse_meeting(grant)
        raise


async def _refuse_meeting(grant: Grant) -> None:
    async with db.system_scope():
        meeting = await queries.grants_meeting(grant.line_id, grant.territory_id, grant.from_on, grant.to_on)
    if meeting:
        reasons = [await _told(row) for row in meeting]
        raise Conflict(
            m("This exclusivity is promised already."), tuple(FieldError("territory", reason) for reason in reasons)
        )


async def _told(row: asyncpg.Record) -> Message:
    """Which grant is in the way; a dealer that the person may not see is not named."""
    days = told_days(row["from_on"], row["to_on"])
    dealer = await queries.dealer_in_scope(row["dealer_id"])
    if dealer is None:
        return m("Another dealer has it for %(territory)s, %(days)s.", territory=row["territory_name"], days=days)
    return m(
        "%(dealer)s has it for %(territory)s, %(days)s.",
        dealer=f"{dealer['name']} ({dealer['code']})",
        territory=row["territory_name"],
        days=days,
    )


async def end_exclusivity(person: Person, code: str, grant_id: int, act: EndExclusivity) -> None:
    """Let a grant end before a day: it no longer holds on `to_on`. One that would have no day left is withdrawn.

    The grant as it was stays and can be asked as known then. A grant cannot be made longer so.
    """
    require(person, Right.GRANT_EXCLUSIVITY)
    async with db.transaction():
        dealer = await dealer_by_code(code)
        grant = await queries.grant(dealer["id"], grant_id)
        if grant is None:
            raise NotFound(m("The grant is not known."))
        if grant["to_on"] is not None and act.to_on >= grant["to_on"]:
            raise invalid("to_on", m("The grant ends on %(day)s already.", day=grant["to_on"]))
        await tree.hold_tree(alone=False)
        posting_id = await access.open_posting(person, "end exclusivity")
        if not await queries.close_grant(dealer["id"], grant_id, posting_id):
            raise Conflict(m("Somebody else has just changed this grant."))
        left = act.to_on > grant["from_on"]
        if left:
            shorter = Grant(dealer["id"], grant["line_id"], grant["territory_id"], grant["from_on"], act.to_on)
            await queries.record_grant(shorter, grant["reason"], posting_id)
        await access.audit(
            person,
            "end exclusivity",
            f"dealer {code}",
            dealer_ids=[dealer["id"]],
            before={"grant": grant_id, "from_on": grant["from_on"], "to_on": grant["to_on"]},
            after={"to_on": act.to_on if left else None},
            reason=act.reason,
            posting_id=posting_id,
        )
