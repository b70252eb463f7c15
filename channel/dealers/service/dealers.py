"""Keeping dealers: adding them, what marks them, what they carry, whom we speak to, whom they sell to."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import asyncpg

from channel import clock, db
from channel.access import service as access
from channel.access.rules import Person, Right, Role, require
from channel.dealers.queries import dealers as queries
from channel.dealers.queries import facts as fact_queries
from channel.dealers.queries import masters
from channel.dealers.queries.facts import NewFact
from channel.dealers.rules import Fact, SecondTierKind, Status, Traits
from channel.dealers.service.facts import Read, dealer_by_code, read_fact
from channel.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, invalid, m
from channel.imports.rules.contacts import is_mail, is_phone
from channel.imports.rules.reasons import reason
from channel.moments import check_day

_CODE = re.compile(r"[^/?#%\s\\][^/?#%\\\x00-\x1f\x7f]{0,39}")
_NEEDED = (Fact.TYPE, Fact.TERRITORY, Fact.STATUS, Fact.CURRENCY, Fact.TERMS_DAYS)
_LONGEST_NAME = 200
_MOST_BRANDS = 10_000


@dataclass(frozen=True, slots=True)
class NewDealer:
    """A dealer to be added: what holds from its first day on, as people give it, territory and parent by code."""

    code: str
    name: str
    facts: Mapping[Fact, str | None]
    traits: Traits = field(default_factory=Traits)
    lines: Sequence[str] = ()


def check_code(code: str) -> str:
    """The code without spaces around it; `Invalid` where it could not stand in an address."""
    plain = code.strip()
    if not _CODE.fullmatch(plain):
        raise invalid(
            "code",
            m("%(value)s is not a code.", value=plain),
            m("1 to 40 characters, not beginning with a space, without / ? # % \\"),
        )
    return plain


def check_name(name: str, field_name: str = "name") -> str:
    """The name without spaces around it; `Invalid` where it is empty or too long."""
    plain = name.strip()
    if not plain or len(plain) > _LONGEST_NAME or "\0" in plain:
        raise invalid(field_name, m("A name is needed."), m("1 to %(most)s characters", most=_LONGEST_NAME))
    return plain


def _check_traits(traits: Traits) -> None:
    if traits.brands_carried is not None and not 0 <= traits.brands_carried <= _MOST_BRANDS:
        raise invalid(
            "brands_carried",
            m("%(value)s is not a number of brands.", value=traits.brands_carried),
            m("A whole number from %(low)s to %(high)s", low=0, high=_MOST_BRANDS),
        )


async def add_dealer(person: Person, new: NewDealer, *, effective_on: date | None = None) -> int:
    """Add a dealer with its first facts, effective from a day on (default today); its id.

    Regional staff may enter prospects in their own territories, without a grade; channel managers any dealer.
    A code is taken once for all, whoever may see the dealer that has it.
    """
    if person.role is Role.REGIONAL:
        require(person, Right.ENTER_FOR_DEALERS)
        if new.facts.get(Fact.STATUS, Status.PROSPECT) != Status.PROSPECT or new.facts.get(Fact.GRADE):
            raise Forbidden(m("Regional staff enter prospects; a channel manager makes a dealer active and grades it."))
    else:
        require(person, Right.KEEP_DEALERS)
    code, name = check_code(new.code), check_name(new.name)
    _check_traits(new.traits)
    day = effective_on or clock.today()
    check_day("effective_on", day)
    async with db.transaction():
        async with db.system_scope():
            if await queries.code_is_taken(code):
                raise Conflict(m("The code %(code)s is taken already.", code=code))
        values = await _read_facts({Fact.STATUS: Status.PROSPECT.value, **new.facts})
        line_ids = await _line_ids(new.lines)
        posting_id = await access.open_posting(person, "add dealer")
        try:
            dealer_id = await queries.record_dealer(code, name, new.traits, _cached(values))
        except asyncpg.UniqueViolationError:
            raise Conflict(m("The code %(code)s is taken already.", code=code)) from None
        await fact_queries.record_facts(
            posting_id,
            [
                NewFact(dealer_id, fact.value, read.value, day, read.territory_id, read.parent_id)
                for fact, read in values.items()
                if read != Read()
            ],
        )
        # A first day that lies ahead shows its facts already; one in the past may have others of today.
        await fact_queries.refresh_dealers([dealer_id], clock.today())
        if line_ids:
            await queries.replace_lines(dealer_id, line_ids)
        await access.audit(
            person,
            "add dealer",
            f"dealer {code}",
            dealer_ids=[dealer_id],
            after={
                "name": name,
                "effective_on": day,
                **{fact.value: text for fact, text in new.facts.items() if text},
                "lines": list(new.lines),
            },
            posting_id=posting_id,
        )
    return dealer_id


async def _read_facts(given: Mapping[Fact, str | None]) -> dict[Fact, Read]:
    values: dict[Fact, Read] = {}
    wrong: list[FieldError] = []
    for fact in (*_NEEDED, *(f for f in given if f not in _NEEDED)):
        try:
            values[fact] = await read_fact(fact, given.get(fact))
        except Invalid as refused:
            wrong.extend(refused.errors)
    if wrong:
        raise Invalid(m("The input cannot be used."), tuple(wrong))
    return values


def _cached(values: Mapping[Fact, Read]) -> tuple[str, int, int | None, str | None, str, str, int]:
    empty = Read()
    return (
        values[Fact.TYPE].value or "",
        values[Fact.TERRITORY].territory_id or 0,
        values.get(Fact.PARENT, empty).parent_id,
        values.get(Fact.GRADE, empty).value,
        values[Fact.STATUS].value or "",
        values[Fact.CURRENCY].value or "",
        int(values[Fact.TERMS_DAYS].value or 0),
    )


async def _line_ids(codes: Sequence[str]) -> list[int]:
    found = await masters.line_ids(codes)
    for code in codes:
        if code not in found:
            raise invalid("lines", m("The product line %(code)s is not known.", code=code))
    return sorted(set(found.values()))


async def change_dealer(person: Person, code: str, *, name: str | None = None, traits: Traits | None = None) -> None:
    """Another name (a channel manager's act) or other traits (of whoever enters for the dealer)."""
    require(person, Right.KEEP_DEALERS if name is not None else Right.ENTER_FOR_DEALERS)
    async with db.transaction():
        await dealer_by_code(code)
        card = await queries.dealer_card(code)
        if card is None:  # gone out of scope between the two statements
            raise NotFound(m("The dealer %(code)s is not known.", code=code))
        before = {"name": card["name"], **{trait: card[trait] for trait in Traits.__slots__}}
        new_name = card["name"] if name is None else check_name(name)
        new_traits = traits or Traits(**{trait: card[trait] for trait in Traits.__slots__})
        _check_traits(new_traits)
        after = {"name": new_name, **{trait: getattr(new_traits, trait) for trait in Traits.__slots__}}
        if after == before:
            return
        await queries.change_dealer(card["id"], new_name, new_traits)
        changed = [name for name in after if after[name] != before[name]]
        await access.audit(
            person,
            "change dealer",
            f"dealer {code}",
            dealer_ids=[card["id"]],
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
        )


async def carry_lines(person: Person, code: str, lines: Sequence[str]) -> None:
    """Exactly these product lines are carried from now on."""
    require(person, Right.ENTER_FOR_DEALERS)
    async with db.transaction():
        dealer = await dealer_by_code(code)
        line_ids = await _line_ids(lines)
        before = [row["code"] for row in await queries.dealer_lines(dealer["id"])]
        if sorted(set(lines)) == before:
            return
        await queries.replace_lines(dealer["id"], line_ids)
        await _audit_of(person, "carry lines", dealer, {"lines": before}, {"lines": sorted(set(lines))})


async def keep_contact(
    person: Person,
    code: str,
    *,
    name: str,
    role: str | None = None,
    phone: str | None = None,
    email: str | None = None,
    contact_id: int | None = None,
) -> int:
    """Add a contact, or change the one with this id; its id."""
    require(person, Right.ENTER_FOR_DEALERS)
    name = check_name(name)
    role, phone, email = ((text or "").strip() or None for text in (role, phone, email))
    if phone is not None and not is_phone(phone):
        raise invalid("phone", reason("bad-phone", value=phone))
    if email is not None and not is_mail(email):
        raise invalid("email", reason("bad-mail", value=email))
    async with db.transaction():
        dealer = await dealer_by_code(code)
        before = None if contact_id is None else await _contact(dealer["id"], contact_id)
        if contact_id is None:
            contact_id = await queries.record_contact(dealer["id"], name, role, phone, email)
        else:
            await queries.change_contact(dealer["id"], contact_id, name, role, phone, email)
        after = {"name": name, "role": role, "phone": phone, "email": email}
        await _audit_of(person, "keep contact", dealer, before, after)
    return contact_id


async def _contact(dealer_id: int, contact_id: int) -> dict[str, Any]:
    for row in await queries.contacts(dealer_id):
        if row["id"] == contact_id:
            return dict(row)
    raise NotFound(m("The contact is not known."))


async def remove_contact(person: Person, code: str, contact_id: int) -> None:
    """Take out somebody who is no longer there."""
    require(person, Right.ENTER_FOR_DEALERS)
    async with db.transaction():
        dealer = await dealer_by_code(code)
        before = await _contact(dealer["id"], contact_id)
        await queries.remove_contact(dealer["id"], contact_id)
        await _audit_of(person, "remove contact", dealer, before, None)


async def keep_second_tier(person: Person, code: str, customer: str, name: str, kind: SecondTierKind) -> None:
    """Add a customer of a dealer, or give the one with this code another name or kind."""
    require(person, Right.ENTER_FOR_DEALERS)
    customer, name = check_code(customer), check_name(name)
    async with db.transaction():
        dealer = await dealer_by_code(code)
        before = {row["code"]: row for row in await queries.second_tier(dealer["id"])}.get(customer)
        await queries.record_second_tier(dealer["id"], customer, name, kind.value)
        after = {"code": customer, "name": name, "kind": kind.value}
        await _audit_of(person, "keep second tier", dealer, None if before is None else dict(before), after)


async def remove_second_tier(person: Person, code: str, customer: str) -> None:
    """Take out a customer that no sales line names."""
    require(person, Right.ENTER_FOR_DEALERS)
    async with db.transaction():
        dealer = await dealer_by_code(code)
        before = {row["code"]: row for row in await queries.second_tier(dealer["id"])}.get(customer)
        if before is None:
            raise NotFound(m("The second-tier customer %(code)s is not known.", code=customer))
        try:
            await queries.remove_second_tier(dealer["id"], customer)
        except asyncpg.ForeignKeyViolationError:
            raise Conflict(m("Sales lines name %(code)s: it cannot be taken out.", code=customer)) from None
        await _audit_of(person, "remove second tier", dealer, dict(before), None)


async def _audit_of(
    person: Person, act: str, dealer: asyncpg.Record, before: dict[str, Any] | None, after: dict[str, Any] | None
) -> None:
    await access.audit(person, act, f"dealer {dealer['code']}", dealer_ids=[dealer["id"]], before=before, after=after)
