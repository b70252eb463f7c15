"""Keeping dealers: adding them, what marks them, what they carry, whom we speak to, whom they sell to."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import asyncpg
import msgspec

from channel import clock
from channel.access import service as access
from channel.access.rules import Person, Right, Role, require
from channel.acts import changes_of
from channel.codes import codes_meant
from channel.database import db
from channel.dealers.acts import AddDealer, CarryLines, ChangeDealer, KeepContact, KeepCustomer
from channel.dealers.queries import dealers as queries
from channel.dealers.queries import facts as fact_queries
from channel.dealers.queries import masters
from channel.dealers.queries.codes import hold_new_codes
from channel.dealers.queries.facts import NewFact
from channel.dealers.rules import Fact, Status, Traits
from channel.dealers.service.facts import Read, locked_dealer, read_fact
from channel.dealers.service.masters import refuse_known
from channel.edits import compute_members
from channel.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, ambiguous, invalid, m

_NEEDED = (Fact.TYPE, Fact.TERRITORY, Fact.STATUS, Fact.CURRENCY, Fact.TERMS_DAYS)


async def add_dealer(person: Person, act: AddDealer) -> int:
    """Add a dealer with its first facts, effective from a day on (default today); its id.

    Regional staff may enter prospects in their own territories, without a grade; channel managers any dealer.
    A code is taken once for all, whoever may see the dealer that has it.
    """
    if person.role is Role.REGIONAL:
        require(person, Right.ENTER_FOR_DEALERS)
        if act.status is not Status.PROSPECT or act.grade:
            raise Forbidden(m("Regional staff enter prospects; a channel manager makes a dealer active and grades it."))
    else:
        require(person, Right.KEEP_DEALERS)
    try:
        return await _add(person, act, act.effective_on or clock.today())
    except _TakenError:
        await _write_down_foreign(person, act.code)
        raise


class _TakenError(Conflict):
    def __init__(self, code: str) -> None:
        super().__init__(m("The code %(code)s is taken already.", code=code))


async def _write_down_foreign(person: Person, code: str) -> None:
    """That a code is taken by a dealer out of sight is told, and stands in the trail: nobody tries codes unseen."""
    async with db.transaction():
        if await queries.dealer_identity(code) is None:
            await access.audit(person, "find code taken", f"dealer {code}")


async def _add(person: Person, act: AddDealer, day: date) -> int:
    async with db.transaction():
        await hold_new_codes()
        async with db.system_scope():
            if await queries.code_is_taken(act.code):
                raise _TakenError(act.code)
        values = await _read_facts(act.facts, day)
        line_ids = await _line_ids(act.lines)
        posting_id = await access.open_posting(person, "add dealer")
        try:
            dealer_id = await queries.record_dealer(act.code, act.name, Traits(**act.traits.named), _cached(values))
        except asyncpg.UniqueViolationError:
            raise _TakenError(act.code) from None
        await fact_queries.record_facts(
            posting_id,
            [
                NewFact(
                    dealer_id,
                    fact.value,
                    read.value,
                    day,
                    read.territory_id,
                    read.parent_id,
                    responsible_id=read.responsible_id,
                )
                for fact, read in values.items()
                if read != Read()
            ],
        )
        # A first day that lies ahead shows its facts already; one in the past may have others of today.
        await fact_queries.refresh_dealers([dealer_id], clock.today())
        if line_ids:
            await queries.replace_lines(dealer_id, line_ids)
        after = {"name": act.name, "effective_on": day, **{f.value: text for f, text in act.facts.items() if text}}
        await access.audit(
            person,
            "add dealer",
            f"dealer {act.code}",
            dealer_ids=[dealer_id],
            after=after | {"lines": act.lines},
            posting_id=posting_id,
        )
    return dealer_id


async def _read_facts(given: Mapping[Fact, str | None], day: date) -> dict[Fact, Read]:
    values: dict[Fact, Read] = {}
    wrong: list[FieldError] = []
    for fact in (*_NEEDED, *(f for f in given if f not in _NEEDED)):
        try:
            values[fact] = await read_fact(fact, given.get(fact), day)
        except Invalid as refused:
            wrong.extend(refused.errors)
    if wrong:
        raise Invalid(m("The input cannot be used."), tuple(wrong))
    return values


def _cached(values: Mapping[Fact, Read]) -> queries.Cached:
    empty = Read()
    return (
        values[Fact.TYPE].value or "",
        values[Fact.TERRITORY].territory_id or 0,
        values.get(Fact.PARENT, empty).parent_id,
        values.get(Fact.GRADE, empty).value,
        values[Fact.STATUS].value or "",
        values[Fact.CURRENCY].value or "",
        int(values[Fact.TERMS_DAYS].value or 0),
        values.get(Fact.RESPONSIBLE, empty).responsible_id,
    )


async def _line_ids(codes: Sequence[str]) -> list[int]:
    found = await masters.line_ids(codes)
    for code in codes:
        if code not in found:
            raise invalid("lines", m("The product line %(code)s is not known.", code=code))
    return sorted(set(found.values()))


async def change_dealer(person: Person, code: str, act: ChangeDealer) -> None:
    """Another name (a channel manager's act) or other traits, of those named (of whoever enters for the dealer)."""
    require(person, Right.ENTER_FOR_DEALERS if act.name is msgspec.UNSET else Right.KEEP_DEALERS)
    async with db.transaction():
        await locked_dealer(code)
        card = await queries.dealer_card(code)
        if card is None:  # gone out of scope between the two statements
            raise NotFound(m("The dealer %(code)s is not known.", code=code))
        changed = changes_of(act, dict(card))
        if changed:
            await queries.change_dealer(card["id"], changed)
            await _audit_of(person, "change dealer", card, {name: card[name] for name in changed}, changed)


async def carry_lines(person: Person, code: str, act: CarryLines) -> None:
    """Exactly these product lines are carried from now on; of a form, what was ticked and unticked in it."""
    require(person, Right.ENTER_FOR_DEALERS)
    async with db.transaction():
        dealer = await locked_dealer(code)
        before = [row["code"] for row in await queries.dealer_lines(dealer["id"])]
        seen = None if act.opened is None else act.opened.get("lines", [])
        wanted = sorted(compute_members(seen, act.lines, before))
        line_ids = await _line_ids(wanted)
        if wanted == before:
            return
        await queries.replace_lines(dealer["id"], line_ids)
        await _audit_of(person, "carry lines", dealer, {"lines": before}, {"lines": wanted})


async def keep_contact(person: Person, code: str, act: KeepContact, contact_id: int | None = None) -> int:
    """Add a contact, or change the one with this id; its id."""
    require(person, Right.ENTER_FOR_DEALERS)
    async with db.transaction():
        dealer = await locked_dealer(code)
        if contact_id is None:
            wanted = {name: getattr(act, name) for name in ("name", "role", "phone", "email")}
            contact_id = await queries.record_contact(dealer["id"], **wanted)
            await _audit_of(person, "keep contact", dealer, None, wanted)
            return contact_id
        before = await _contact(dealer["id"], contact_id)
        changed = changes_of(act, before)
        if changed:
            await queries.change_contact(dealer["id"], contact_id, changed)
            after = {name: value for name, value in (before | changed).items() if name != "id"}
            await _audit_of(person, "keep contact", dealer, before, after)
    return contact_id


async def _contact(dealer_id: int, contact_id: int) -> dict[str, Any]:
    for row in (await queries.contacts(dealer_id)).items:
        if row["id"] == contact_id:
            return dict(row)
    raise NotFound(m("The contact is not known."))


async def remove_contact(person: Person, code: str, contact_id: int) -> str:
    """Take out somebody who is no longer there; the name."""
    require(person, Right.ENTER_FOR_DEALERS)
    async with db.transaction():
        dealer = await locked_dealer(code)
        before = await _contact(dealer["id"], contact_id)
        await queries.remove_contact(dealer["id"], contact_id)
        await _audit_of(person, "remove contact", dealer, before, None)
    return str(before["name"])


async def keep_second_tier(person: Person, code: str, act: KeepCustomer, *, new: bool = False) -> None:
    """Add a customer of a dealer, or give the one with this code another name or kind; a `new` one is only added."""
    require(person, Right.ENTER_FOR_DEALERS)
    async with db.transaction():
        dealer = await locked_dealer(code)
        before = await _second_tier(dealer["id"], act.code)
        if new:
            refuse_known(before)
        after = {"code": act.code, "name": act.name, "kind": act.kind.value}
        if before is not None:
            present = {name: before[name] for name in after}
            after = present | changes_of(act, {name: present[name] for name in ("name", "kind")})
            if after == present:
                return
        await queries.record_second_tier(dealer["id"], **after)
        await _audit_of(person, "keep second tier", dealer, None if before is None else dict(before), after)


async def _second_tier(dealer_id: int, customer: str) -> asyncpg.Record | None:
    """The customer of a dealer whose code is meant; `Conflict` where it can be several."""
    rows = {row["code"]: row for row in (await queries.second_tier(dealer_id)).items}
    meant = codes_meant(customer, rows)
    if len(meant) > 1:
        raise ambiguous("code", customer, ", ".join(meant))
    return rows[meant[0]] if meant else None


async def remove_second_tier(person: Person, code: str, customer: str) -> None:
    """Take out a customer that no sales line names."""
    require(person, Right.ENTER_FOR_DEALERS)
    async with db.transaction():
        dealer = await locked_dealer(code)
        before = await _second_tier(dealer["id"], customer)
        if before is None:
            raise NotFound(m("The second-tier customer %(code)s is not known.", code=customer))
        try:
            await queries.remove_second_tier(dealer["id"], before["code"])
        except asyncpg.ForeignKeyViolationError:
            raise Conflict(m("Sales lines name %(code)s: it cannot be taken out.", code=customer)) from None
        await _audit_of(person, "remove second tier", dealer, dict(before), None)


async def _audit_of(
    person: Person, act: str, dealer: asyncpg.Record, before: dict[str, Any] | None, after: dict[str, Any] | None
) -> None:
    await access.audit(person, act, f"dealer {dealer['code']}", dealer_ids=[dealer["id"]], before=before, after=after)
