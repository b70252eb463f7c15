"""Sent: dealers, what is known of them, what they carry, their people and customers."""

from collections.abc import Mapping
from datetime import date

from channel.access.rules import Person, Role
from channel.database import db
from channel.dealers.rules import SecondTierKind
from channel.dealers.service.dealers import keep_second_tier
from channel.dealers.service.exclusivity import grant_exclusivity
from tests.make.access import acting
from tests.make.dealers import MANAGER, granting, keeping_customer, make_dealer, make_line
from tests.make.forms import Sending

ENTERING = (Role.MANAGER, Role.FINANCE, Role.REGIONAL)
DECIDING = (Role.MANAGER, Role.FINANCE)
_made = 0


async def _dealer(_: Person) -> Mapping[str, str]:
    global _made  # noqa: PLW0603 - dealers of one run are numbered
    _made += 1
    code = f"F-{_made}"
    return {"code": code, "dealer": str(await make_dealer(code, territory="Harbour City"))}


async def _contact(person: Person) -> Mapping[str, str]:
    names = await _dealer(person)
    async with db.held(db.EVERYTHING), db.transaction():
        # What stands in an old record need not be what would be taken for an address today.
        number = await db.fetchval(
            "INSERT INTO contact (dealer_id, name, phone, email) VALUES ($1, 'Zhang Wei', '021-555', 'zhang.wei')"
            " RETURNING id",
            int(names["dealer"]),
        )
    return {**names, "contact": str(number)}


async def _customer(person: Person) -> Mapping[str, str]:
    names = await _dealer(person)
    async with acting(MANAGER):
        await keep_second_tier(MANAGER, names["code"], keeping_customer("K-1", "Corner Shop", SecondTierKind.MIXED))
    return names


async def _grant(person: Person) -> Mapping[str, str]:
    names = await _dealer(person)
    await make_line("Alone")
    async with acting(MANAGER):
        grant = await grant_exclusivity(MANAGER, names["code"], granting("Alone", "Harbour City", date(2020, 1, 1)))
    return {**names, "grant": str(grant)}


def _fact(name: str, value: object, holds: str, **more: str) -> Sending:
    return Sending(
        "/dealers/{code}/facts/{name}", f"/dealers/{{code}}/facts/{name}", DECIDING, {"value": value, **more},
        "is recorded, from", f"SELECT {holds} FROM dealer WHERE id = {{dealer}}", before=_dealer,
    )  # fmt: skip


_HELD = "(SELECT value FROM dealer_fact WHERE dealer_id = {{dealer}} AND fact = '{}' ORDER BY id DESC LIMIT 1)"

CASES = (
    Sending("/dealers/new", "/dealers/new", [Role.MANAGER],
            {"code": "N-1", "name": "Northgate", "type": "wholesale", "territory": "Harbour City"},
            "Northgate is added.", "SELECT status = 'prospect' AND grade IS NULL FROM dealer WHERE code = 'N-1'"),
    Sending("/dealers/new", "/dealers/new", [Role.MANAGER],
            {"code": "N 2", "name": "新店", "type": "terminal", "territory": "North", "currency": "CNY",
             "terms_days": "0", "status": "active", "grade": "AAA", "parent": "D-1", "first_year_target": "12,000.50"},
            "新店 is added.", "SELECT grade = 'AAA' AND terms_days = 0 FROM dealer WHERE code = 'N 2'"),
    Sending("/dealers/new", "/dealers/new", [Role.REGIONAL],
            {"code": "N-3", "name": "Harbour", "type": "terminal", "territory": "Harbour City"},
            "Harbour is added.", "SELECT status = 'prospect' FROM dealer WHERE code = 'N-3'"),
    _fact("type", "wholesale", "type = 'wholesale'"),
    _fact("territory", "North", "territory_id = (SELECT id FROM territory WHERE code = 'North')"),
    _fact("parent", "D-1", "parent_id = (SELECT id FROM dealer WHERE code = 'D-1')"),
    _fact("grade", "", "grade IS NULL", reason="not known any more"),
    _fact("responsible", "S-1", "responsible_id = (SELECT id FROM staff_member WHERE code = 'S-1')"),
    _fact("status", "on hold", "status = 'on hold'", reason="does not answer"),
    _fact("currency", "cny", "currency = 'CNY'"),
    _fact("terms_days", "365", "terms_days = 365"),
    _fact("terms", "次月7日", _HELD.format("terms") + " = 'day 7, month 1'"),
    _fact("first_year_target", "5000", _HELD.format("first_year_target") + " = '5000'"),
    _fact("reports_owed", "stock", _HELD.format("reports_owed") + " = 'sell-through,stock'"),
    _fact("reports_due_day", "28", _HELD.format("reports_due_day") + " = '28'"),
    Sending("/responsible", "/responsible?q={code}", DECIDING,
            {"member": "S-1", "which": "only", "dealers": "{code}", "reason": "a new territory"},
            "1 dealer after whom nobody looks", "SELECT responsible_id IS NULL FROM dealer WHERE id = {dealer}",
            before=_dealer),
    Sending("/dealers/{code}/edit", "/dealers/{code}/edit", [Role.MANAGER],
            {"name": "Renamed", "brands_carried": "10000", "exclusivity_wanted": "no"}, "Name and traits of F-",
            "SELECT brands_carried = 10000 AND NOT exclusivity_wanted FROM dealer WHERE name = 'Renamed'",
            before=_dealer),
    Sending("/dealers/{code}/edit", "/dealers/{code}/edit", [Role.FINANCE, Role.REGIONAL],
            {"selling_way": "active"}, "Name and traits of F-",
            "SELECT selling_way = 'active' FROM dealer WHERE id = {dealer}", before=_dealer),
    Sending("/dealers/{code}/lines", "/dealers/{code}/lines", ENTERING, {"lines": "Road"},
            "The product lines of F-", "SELECT count(*) = 1 FROM dealer_line WHERE dealer_id = {dealer}",
            before=_dealer),
    Sending("/dealers/{code}/contacts/{contact_id}", "/dealers/{code}/contacts/0", ENTERING, {"name": "Zhao"},
            "The contact Zhao is kept.", "SELECT name = 'Zhao' FROM contact WHERE dealer_id = {dealer}",
            before=_dealer),
    Sending("/dealers/{code}/contacts/{contact_id}", "/dealers/{code}/contacts/{contact}", ENTERING,
            {"name": "Zhang Wei", "role": "owner", "phone": "+86 21 5555", "email": "zhang@example.com"},
            "The contact Zhang Wei is kept.",
            "SELECT role = 'owner' FROM contact WHERE id = {contact}", before=_contact),
    Sending("/dealers/{code}/contacts/{contact_id}/remove", "/dealers/{code}/contacts/{contact}", ENTERING,
            shows="The contact Zhang Wei is taken out.", holds="SELECT count(*) = 0 FROM contact WHERE id = {contact}",
            before=_contact),
    Sending("/dealers/{code}/second-tier", "/dealers/{code}/second-tier", ENTERING,
            {"code": "K-9", "name": "Corner", "kind": "direct"}, "The customer Corner is kept.",
            "SELECT kind = 'direct' FROM second_tier WHERE dealer_id = {dealer}", before=_dealer),
    Sending("/dealers/{code}/second-tier", "/dealers/{code}/second-tier?customer=K-1", ENTERING, {"name": "Corner 2"},
            "The customer Corner 2 is kept.", "SELECT name = 'Corner 2' FROM second_tier WHERE dealer_id = {dealer}",
            before=_customer),
    Sending("/dealers/{code}/second-tier/remove", "/dealers/{code}/second-tier?customer=K-1", ENTERING,
            shows="The customer K-1 is taken out.",
            holds="SELECT count(*) = 0 FROM second_tier WHERE dealer_id = {dealer}", before=_customer),
    Sending("/dealers/{code}/observed/{observed}", "/dealers/{code}/observed/potential", ENTERING,
            {"value": "high", "source": "a visit"}, "What was found out is recorded.",
            "SELECT words = 'high' FROM observed_fact WHERE dealer_id = {dealer}", before=_dealer),
    Sending("/dealers/{code}/exclusivity", "/dealers/{code}/exclusivity", [Role.MANAGER],
            {"line": "Road", "reason": "agreed"}, "The exclusivity for Road in",
            "SELECT to_on IS NULL FROM exclusivity WHERE dealer_id = {dealer}", before=_dealer),
    Sending("/dealers/{code}/exclusivity/{grant_id}/end", "/dealers/{code}/exclusivity/{grant}/end", [Role.MANAGER],
            {"reason": "it is over"},
            "The exclusivity ends before", "SELECT max(to_on) = '{today}' FROM exclusivity WHERE dealer_id = {dealer}",
            before=_grant),
)  # fmt: skip
