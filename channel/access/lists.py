"""The lists of the room `access`."""

from collections.abc import Mapping

from channel.access.rules import ADDED_BY_DUTIES, ROLE_NAMES, Right
from channel.access.rules.mail import MESSAGES_NAMES
from channel.access.rules.staff import STANDING_NAMES, Standing
from channel.access.trail_words import Subject, act_words, subject_words, via_words
from channel.errors import m
from channel.lists import Column, Kind, List

_MESSAGES = {each.value: name for each, name in MESSAGES_NAMES.items()}
_ROLES = {role.value: name for role, name in ROLE_NAMES.items()}

PEOPLE = List(
    "people",
    m("People"),
    (
        Column("name", m("Full name"), link="/people/{login}"),
        Column("login", m("Sign-in name"), Kind.CODE),
        Column("role", m("Role"), Kind.CHOICE, choices=_ROLES),
        Column("territories", m("Territories"), Kind.CODE, shown="territory_names", nothing=m("all"), sort=False),
        Column("locale", m("Language"), Kind.CODE, page=False, less=2),
        Column("email", m("E-mail"), Kind.CODE, nothing=m("none"), less=2),
        Column("messages", m("Messages"), Kind.CHOICE, choices=_MESSAGES, page=False, less=3),
        Column(
            "active",
            m("Active"),
            Kind.FLAG,
            choices={True: m("Active"), False: m("Deactivated")},
            colours={True: "good", False: "warn"},
        ),
        Column("created_at", m("Since"), Kind.MOMENT, page=False, less=3),
        Column("sessions", m("Sessions"), Kind.COUNT, less=1),
        Column("tokens", m("Tokens"), Kind.COUNT, less=1),
    ),
    order="login",
    key="login",
    nothing=m("Nobody fits these filters."),
)
TOKENS = List(
    "tokens",
    m("API tokens"),
    (
        Column("id", m("No."), Kind.COUNT, page=False),
        Column("name", m("Name")),
        Column("login", m("Speaks for"), Kind.CODE, link="/people/{login}", nothing=m("a machine")),
        Column("role", m("Role"), Kind.CHOICE, choices=_ROLES, page=False),
        Column("hint", m("Begins with"), Kind.CODE, less=3),
        Column("territories", m("Reaches"), Kind.CODE, sort=False, less=2),
        Column("created_at", m("Made"), Kind.MOMENT, page=False, less=4),
        Column("last_used_at", m("Last used"), Kind.MOMENT, nothing=m("never"), less=1),
        Column("expires_at", m("Ends"), Kind.MOMENT, nothing=m("no end")),
    ),
    order="-created_at",
    nothing=m("There are no API tokens. The form below makes one."),
)
SESSIONS = List(
    "sessions",
    m("Where you are signed in"),
    (
        Column("id", m("No."), Kind.COUNT, page=False),
        Column("since", m("Since"), Kind.MOMENT),
        Column("until", m("Until"), Kind.MOMENT, page=False),
        Column("address", m("Network address"), Kind.CODE),
        Column("agent", m("With")),
    ),
    order="-since",
    nothing=m("You are here with an API token; there is no session."),
)
AUDIT = List(
    "audit",
    m("Audit trail"),
    (
        Column("at", m("When"), Kind.MOMENT),
        Column("actor", m("Who"), Kind.CODE, sort=False),
        Column("actor_role", m("Role"), Kind.CHOICE, choices=_ROLES, sort=False, page=False, less=5),
        Column("via", m("By way of"), of=lambda row: via_words(row["via"]), sort=False, page=False, less=6),
        Column("act", m("Act"), of=lambda row: act_words(row["act"]), sort=False, wraps=True),
        Column("subject", m("Subject"), of=lambda row: _about(row).words, sort=False, wraps=True),
        Column("dealer", m("Dealer"), Kind.CODE, sort=False, page=False, less=1),
        Column("before", m("Before"), sort=False, less=4),
        Column("after", m("After"), sub="before", sort=False, wraps=True, less=2),
        Column("reason", m("Reason"), sort=False, wraps=True, less=2),
        Column("posting_id", m("Posting"), Kind.COUNT, sort=False, page=False, less=7),
    ),
    order="-at",
    key="key",
    nothing=m("No line of the trail fits these filters."),
)
"""It is read by time alone: no index has it in another order, and it only grows."""
STAFF = List(
    "staff",
    m("Staff"),
    (
        Column("code", m("Code"), Kind.CODE, page=False),
        Column("name", m("Full name"), link="/staff/{code}", sub="code"),
        Column(
            "manager", m("Manager"), Kind.CODE, shown="manager_name", link="/staff/{manager}", nothing=m("at the top")
        ),
        Column("territory", m("Territory"), Kind.CODE, shown="territory_name", nothing=m("the whole company")),
        Column("duties", m("Duties"), Kind.CODE, shown="duty_names", sort=False, less=3, wraps=True),
        Column("stands_in", m("Away: who stands in"), shown="stands_in_told", sort=False, less=2),
        Column("away_until", m("Away until before"), Kind.DAY, page=False, sort=False, less=4),
        Column("first_on", m("First day"), Kind.DAY, page=False, less=2),
        Column("last_on", m("Last day"), Kind.DAY, page=False, less=1),
        Column(
            "standing",
            m("Standing"),
            Kind.CHOICE,
            choices={each.value: name for each, name in STANDING_NAMES.items()},
            colours={Standing.PRESENT.value: "good", Standing.COMING.value: "accent", Standing.LEFT.value: ""},
        ),
        Column("login", m("Sign-in name"), Kind.CODE, page=False, less=3),
    ),
    order="name",
    key="code",
    nothing=m("Nobody fits these filters."),
)
DUTIES = List(
    "duties",
    m("Duties"),
    (
        Column("code", m("Code"), Kind.CODE, page=False),
        Column("name", m("Duty"), sub="code"),
        Column(
            "rights",
            m("Rights it adds"),
            of=lambda row: tuple(ADDED_BY_DUTIES[Right(each)] for each in row["rights"]) or None,
            nothing=m("none"),
            sort=False,
            wraps=True,
        ),
        Column("members", m("Members who have it"), Kind.COUNT, link="/staff?duty={code}"),
    ),
    order="code",
    key="code",
    nothing=m("There is no duty yet."),
)
DAYS_AWAY = List(
    "days-away",
    m("Days away"),
    (
        Column("id", m("No."), Kind.SERIAL, page=False),
        Column("from_on", m("First day away"), Kind.DAY),
        Column("to_on", m("First day back"), Kind.DAY),
        Column("deputy", m("Deputy"), Kind.CODE, shown="deputy_name", link="/staff/{deputy}"),
    ),
    order="-from_on",
    nothing=m("No days away are recorded."),
)
HELD_DUTIES = List(
    "held-duties",
    m("Duties"),
    (
        Column("id", m("No."), Kind.SERIAL, page=False),
        Column("duty", m("Duty"), shown="duty_name"),
        Column("from_on", m("From"), Kind.DAY),
        Column("to_on", m("Until before"), Kind.DAY, nothing=m("without an end")),
    ),
    order="-from_on",
    nothing=m("No duty is recorded."),
)


def _about(row: Mapping[str, str]) -> Subject:
    return subject_words(row["act"], row["subject"])
