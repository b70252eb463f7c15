"""Keeping dealers: adding them, what marks them, what they carry, whom we speak to, whom they sell to."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import asyncpg

from channel import clock, db
from channel.access import service as access
from channel.access.rules import Person, Right, Role, require
from channel.codes import codes_meant, is_code, lost_its_digits, plain_code
from channel.dealers.queries import dealers as queries
from channel.dealers.queries import facts as fact_queries
from channel.dealers.queries import masters
from channel.dealers.queries.codes import hold_new_codes
from channel.dealers.queries.facts import NewFact
from channel.dealers.rules import SECOND_TIER_NAMES, TRAIT_CHOICES, TRAIT_NAMES, Fact, SecondTierKind, Status, Traits
from channel.dealers.service.facts import Read, locked_dealer, read_fact
from channel.edits import Values, compute_changes, compute_members
from channel.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, ambiguous, invalid, m
from channel.imports.rules.contacts import is_mail, is_phone
from channel.imports.rules.reasons import reason
from channel.moments import check_day

_NEEDED = (Fact.TYPE, Fact.TERRITORY, Fact.STATUS, Fact.CURRENCY, Fact.TERMS_DAYS)
_LONGEST_NAME = 200
_MOST_BRANDS = 10_000
_NAME = {"name": m("Name")}
_CONTACT = _NAME | {"role": m("Role"), "phone": m("Phone"), "email": m("E-mail")}
_CUSTOMER = _NAME | {"kind": m("Kind")}


@dataclass(frozen=True, slots=True)
class NewDealer:
    """A dealer to be added: what holds from its first day on, as people give it, territory and parent by code."""

    code: str
    name: str
    facts: Mapping[Fact, str | None]
    traits: Traits = field(default_factory=Traits)
    lines: Sequence[str] = ()


def check_code(code: str) -> str:
    """The code made plain; `Invalid` where it could not stand in an address or lost digits in a spreadsheet."""
    plain = plain_code(code)
    if lost_its_digits(plain):
        raise invalid("code", reason("code-lost-digits", value=plain))
    if not is_code(plain):
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


def _check_brands(brands: int | None) -> None:
    if brands is not None and not 0 <= brands <= _MOST_BRANDS:
        raise invalid(
            "brands_carried",
            m("%(value)s is not a number of brands.", value=brands),
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
    _check_brands(new.traits.brands_carried)
    day = effective_on or clock.today()
    check_day("effective_on", day)
    try:
        return await _add(person, code, name, new, day)
    except _TakenError:
        await _write_down_foreign(person, code)
        raise


class _TakenError(Conflict):
    def __init__(self, code: str) -> None:
        super().__init__(m("The code %(code)s is taken already.", code=code))


async def _write_down_foreign(person: Person, code: str) -> None:
    """That a code is taken by a dealer out of sight is told, and stands in the trail: nobody tries codes unseen."""
    async with db.transaction():
        if await queries.dealer_identity(code) is None:
            await access.audit(person, "find code taken", f"dealer {code}")


async def _add(person: Person, code: str, name: str, new: NewDealer, day: date) -> int:
    async with db.transaction():
        await hold_new_codes()
        async with db.system_scope():
            if await queries.code_is_taken(code):
                raise _TakenError(code)
        values = await _read_facts({Fact.STATUS: Status.PROSPECT.value, **new.facts})
        line_ids = await _line_ids(new.lines)
        posting_id = await access.open_posting(person, "add dealer")
        try:
            dealer_id = await queries.record_dealer(code, name, new.traits, _cached(values))
        except asyncpg.UniqueViolationError:
            raise _TakenError(code) from None
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


async def change_dealer(
    person: Person,
    code: str,
    *,
    name: str | None = None,
    traits: Mapping[str, Any] | None = None,
    opened: Values | None = None,
) -> None:
    """Another name (a channel manager's act) or other traits, of those named (of whoever enters for the dealer)."""
    require(person, Right.KEEP_DEALERS if name is not None else Right.ENTER_FOR_DEALERS)
    wanted = dict(traits or {}) | ({} if name is None else {"name": check_name(name)})
    _check_brands(wanted.get("brands_carried"))
    async with db.transaction():
        await locked_dealer(code)
        card = await queries.dealer_card(code)
        if card is None:  # gone out of scope between the two statements
            raise NotFound(m("The dealer %(code)s is not known.", code=code))
        changed = compute_changes(opened, wanted, dict(card), {**_NAME, **TRAIT_NAMES}, TRAIT_CHOICES)
        if changed:
            await queries.change_dealer(card["id"], changed)
            await _audit_of(person, "change dealer", card, {name: card[name] for name in changed}, changed)


async def carry_lines(
    person: Person, code: str, lines: Sequence[str], *, opened: Collection[str] | None = None
) -> None:
    """Exactly these product lines are carried from now on; of a form, what was ticked and unticked in it."""
    require(person, Right.ENTER_FOR_DEALERS)
    async with db.transaction():
        dealer = await locked_dealer(code)
        before = [row["code"] for row in await queries.dealer_lines(dealer["id"])]
        wanted = sorted(compute_members(opened, lines, before))
        line_ids = await _line_ids(wanted)
        if wanted == before:
            return
        await queries.replace_lines(dealer["id"], line_ids)
        await _audit_of(person, "carry lines", dealer, {"lines": before}, {"lines": wanted})


async def keep_contact(
    person: Person,
    code: str,
    *,
    name: str,
    role: str | None = None,
    phone: str | None = None,
    email: str | None = None,
    contact_id: int | None = None,
    opened: Values | None = None,
) -> int:
    """Add a contact, or change the one with this id; its id."""
    require(person, Right.ENTER_FOR_DEALERS)
    name = check_name(name)
    role, phone, email = ((text or "").strip() or None for text in (role, phone, email))
    if phone is not None and not is_phone(phone):
        raise invalid("phone", reason("bad-phone", value=phone))
    if email is not None and not is_mail(email):
        raise invalid("email", reason("bad-mail", value=email))
    wanted = {"name": name, "role": role, "phone": phone, "email": email}
    async with db.transaction():
        dealer = await locked_dealer(code)
        if contact_id is None:
            contact_id = await queries.record_contact(dealer["id"], name, role, phone, email)
            await _audit_of(person, "keep contact", dealer, None, wanted)
            return contact_id
        before = await _contact(dealer["id"], contact_id)
        changed = compute_changes(opened, wanted, before, _CONTACT)
        if changed:
            await queries.change_contact(dealer["id"], contact_id, changed)
            after = {field: changed.get(field, before[field]) for field in wanted}
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
        dealer = await locked_dealer(code)
        before = await _contact(dealer["id"], contact_id)
        await queries.remove_contact(dealer["id"], contact_id)
        await _audit_of(person, "remove contact", dealer, before, None)


async def keep_second_tier(
    person: Person, code: str, customer: str, name: str, kind: SecondTierKind, *, opened: Values | None = None
) -> None:
    """Add a customer of a dealer, or give the one with this code another name or kind."""
    require(person, Right.ENTER_FOR_DEALERS)
    customer = check_code(customer)
    wanted = {"name": check_name(name), "kind": kind.value}
    async with db.transaction():
        dealer = await locked_dealer(code)
        before = await _second_tier(dealer["id"], customer)
        if before is not None:
            customer = before["code"]
            changed = compute_changes(opened, wanted, dict(before), _CUSTOMER, {"kind": SECOND_TIER_NAMES})
            wanted = {field: changed.get(field, before[field]) for field in wanted}
        await queries.record_second_tier(dealer["id"], customer, wanted["name"], wanted["kind"])
        after = {"code": customer, **wanted}
        await _audit_of(person, "keep second tier", dealer, None if before is None else dict(before), after)


async def _second_tier(dealer_id: int, customer: str) -> asyncpg.Record | None:
    """The customer of a dealer whose code is meant; `Conflict` where it can be several."""
    rows = {row["code"]: row for row in await queries.second_tier(dealer_id)}
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
