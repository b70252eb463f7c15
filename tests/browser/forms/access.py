"""Sent: signing in and out, one's own account, people and their tokens."""

import itertools
from collections.abc import Mapping

from channel.access.acts import SetPassword
from channel.access.rules import OPERATOR, Person, Role
from channel.access.service import set_password
from channel.database import db
from tests.make.access import acting, make_member, make_person, make_session, make_token, send_away
from tests.make.forms import Sending

EVERYBODY = (Role.MANAGER, Role.FINANCE, Role.REGIONAL, Role.AUDITOR, Role.ADMINISTRATOR)
# An account is everybody's: whoever is bound to territories and whoever is not.
TWO = (Role.REGIONAL, Role.AUDITOR)
KEEPER = (Role.ADMINISTRATOR,)
_PASSWORD = "four words and more"


async def _with_password(person: Person) -> Mapping[str, str]:
    async with acting(OPERATOR):
        await set_password(OPERATOR, person.login, SetPassword(password=_PASSWORD))
        return {"hash": await db.fetchval("SELECT password_hash FROM person WHERE login = $1", person.login)}


async def _elsewhere(person: Person) -> Mapping[str, str]:
    await make_session(person)
    return {}


async def _with_token(person: Person) -> Mapping[str, str]:
    await make_token(person)
    return {}


async def _somebody(_: Person) -> Mapping[str, str]:
    somebody = await make_person(Role.FINANCE)
    await make_session(somebody)
    return {"somebody": somebody.login}


async def _somebody_with_token(_: Person) -> Mapping[str, str]:
    somebody = await make_person(Role.FINANCE)
    await make_token(somebody)
    async with db.held(db.EVERYTHING):
        number = await db.fetchval("SELECT id FROM api_token WHERE person_id = $1", somebody.person_id)
    return {"token": str(number)}


_numbers = itertools.count(1)


async def _gone(person: Person) -> Mapping[str, str]:
    """A member of staff who will be away, and the number of those days."""
    code = f"G-{next(_numbers)}"
    await make_member(person, code)
    await send_away(person, code, "S-1")
    async with db.held(db.EVERYTHING):
        return {"gone": code, "away": str(await db.fetchval("SELECT max(id) FROM staff_away"))}


_SESSIONS = "SELECT count(*) = {} FROM session WHERE person_id = {{id}} AND revoked_at IS NULL"
_HIS_SESSIONS = (
    "SELECT count(*) = 0 FROM session s JOIN person p ON p.id = s.person_id"
    " WHERE p.login = '{somebody}' AND s.revoked_at IS NULL"
)
_PERSON = "/people/{login}"
_AWAY = "SELECT max(to_on) = {} FROM staff_away WHERE id >= {{away}} AND closed_at IS NULL"

CASES = (
    Sending("/sign-in", "/sign-in", [Role.FINANCE], {"login": "{me}", "password": _PASSWORD}, "{me}",
            _SESSIONS.format(1), before=_with_password, own=True, nobody=True),
    Sending("/sign-out", "/", TWO, shows="Sign in", holds=_SESSIONS.format(0), own=True),
    Sending("/preferences", "/", [Role.MANAGER], shows="经销商", own=True, button="button[lang=zh]",
            holds="SELECT locale = 'zh' FROM person WHERE id = {id}"),
    Sending("/account/language", "/account", TWO, {"locale": "zh"}, "语言", own=True,
            holds="SELECT locale = 'zh' FROM person WHERE id = {id}"),
    Sending("/account/messages", "/account", TWO, {"email": "me@example.com", "messages": "at-once"},
            "Where and when you are told is kept.", own=True,
            holds="SELECT email = 'me@example.com' AND messages = 'at-once' FROM person WHERE id = {id}"),
    Sending("/account/password", "/account", TWO,
            {"old_password": _PASSWORD, "password": "other words than before", "again": "other words than before"},
            "The password is changed", before=_with_password, own=True,
            holds="SELECT password_hash <> '{hash}' FROM person WHERE id = {id}"),
    Sending("/account/sessions/{session_id}/end", "/account", [Role.AUDITOR], shows="The session is ended.",
            holds=_SESSIONS.format(1), before=_elsewhere, own=True),
    Sending("/account/sessions/end", "/account", TWO, shows="Sessions ended: 1, API tokens: 0.",
            holds=_SESSIONS.format(1), before=_elsewhere, own=True),
    Sending("/account/tokens", "/account", EVERYBODY, {"name": "reports", "days": "366"}, "The new token",
            "SELECT count(*) = 1 FROM api_token WHERE person_id = {id} AND name = 'reports'"),
    Sending("/account/tokens", "/account", [Role.REGIONAL], {"name": "narrow", "territories": "Harbour City"},
            "The new token", "SELECT narrowed FROM api_token WHERE person_id = {id} AND name = 'narrow'"),
    Sending("/account/tokens/{token_id}/revoke", "/account", TWO, shows="is revoked.", own=True,
            holds="SELECT revoked_at IS NOT NULL FROM api_token WHERE person_id = {id}", before=_with_token),
    Sending("/machines", "/machines", KEEPER, {"name": "till"}, "The new token",
            "SELECT person_id IS NULL AND expires_at IS NULL FROM api_token WHERE name = 'till'"),
    Sending("/machines/{token_id}/revoke", "/machines", KEEPER, shows="is revoked.",
            form="[action*='/{token}/']", before=_somebody_with_token,
            holds="SELECT revoked_at IS NOT NULL FROM api_token WHERE id = {token}"),
    Sending("/add-person", "/add-person", KEEPER, {"name": "Wang Min", "login": "wang.min", "role": "auditor"},
            "Wang Min is added", "SELECT active AND role = 'auditor' FROM person WHERE login = 'wang.min'"),
    Sending("/add-person", "/add-person", KEEPER,
            {"name": "Li Na", "login": "li.na", "role": "regional", "territories": "North", "locale": "zh",
             "password": "words that she chose"}, "The password you gave is set.",
            "SELECT locale = 'zh' FROM person p JOIN person_territory t ON t.person_id = p.id WHERE login = 'li.na'"),
    Sending(_PERSON, "/people/{somebody}", KEEPER, {"role": "auditor", "reason": "another post"},
            "is kept.", "SELECT role = 'auditor' FROM person WHERE login = '{somebody}'", before=_somebody),
    # Nobody changes his own role, so the field is closed; his name he may change.
    Sending(_PERSON, "/people/{me}", KEEPER, {"name": "Someone Else"}, "is kept.",
            "SELECT name = 'Someone Else' AND role = 'administrator' FROM person WHERE login = '{me}'", own=True),
    Sending("/people/{login}/standing", "/people/{somebody}", KEEPER, {}, "is deactivated.",
            "SELECT NOT active FROM person WHERE login = '{somebody}'", before=_somebody),
    Sending("/people/{login}/password", "/people/{somebody}", KEEPER, shows="The password is shown this once.",
            holds="SELECT password_hash IS NOT NULL FROM person WHERE login = '{somebody}'", before=_somebody),
    Sending("/people/{login}/sign-out", "/people/{somebody}", KEEPER, shows="Sessions ended: 1, API tokens: 0.",
            holds=_HIS_SESSIONS, before=_somebody),
    Sending("/add-member", "/add-member", KEEPER,
            {"code": "S-9", "name": "Wang Min", "manager": "S-1", "territory": "North", "login": "finance-1"},
            "Wang Min is added to the staff.",
            "SELECT last_on IS NULL AND manager_id IS NOT NULL FROM staff_member WHERE code = 'S-9'"),
    Sending("/staff/{member}", "/staff/S-2", KEEPER, {"manager": "", "last_on": "2030-01-31", "reason": "moves on"},
            "What was changed of Tang Wei is kept.",
            "SELECT manager_id IS NULL AND last_on = '2030-01-31' FROM staff_member WHERE code = 'S-2'"),
    Sending("/duties", "/duties", KEEPER, {"code": "trainer", "name": "Trainer", "rights": "see receivables"},
            "The duty Trainer is added.", "SELECT rights = ARRAY['see receivables'] FROM duty WHERE code = 'trainer'"),
    Sending("/duties/{duty}/edit", "/duties/technical/edit", KEEPER, {"name": "Technician"},
            "The duty Technician is kept.",
            "SELECT name = 'Technician' AND cardinality(rights) = 0 FROM duty WHERE code = 'technical'"),
    Sending("/staff/{member}/give-duty", "/staff/S-2/give-duty", KEEPER, {"duty": "collector", "reason": "as agreed"},
            "The duty is given.",
            "SELECT from_on = '{today}' AND to_on IS NULL FROM staff_duty x JOIN duty d ON d.id = duty_id"
            " WHERE d.code = 'collector'"),
    Sending("/staff/{member}/duties/{number}/end", "/staff/S-1/duties/1/end", KEEPER, {}, "The duty ends.",
            "SELECT to_on = '{today}' FROM staff_duty WHERE id = 1"),
    Sending("/staff/{member}/away", "/staff/{gone}/away", KEEPER,
            {"from_on": "2030-01-02", "to_on": "2030-01-05", "deputy": "S-1", "reason": "holidays"},
            "The days away are entered.", _AWAY.format("'2030-01-05'"), before=_gone),
    Sending("/staff/{member}/away/{number}/correct", "/staff/{gone}/away/{away}/correct", KEEPER,
            {"to_on": "2190-01-09"}, "The days away are corrected.", _AWAY.format("'2190-01-09'"), before=_gone),
    Sending("/staff/{member}/away/{number}/end", "/staff/{gone}/away/{away}/end", KEEPER, {}, "The days away end.",
            "SELECT count(*) = 0 FROM staff_away WHERE id >= {away} AND closed_at IS NULL", before=_gone),
)  # fmt: skip
