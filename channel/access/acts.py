"""The acts of the room `access`."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Annotated, Any

import msgspec

from channel.access.rules import ADDED_BY_DUTIES, ROLE_NAMES, Right, Role, binding_fault
from channel.access.rules.mail import MESSAGES_NAMES, Messages, read_mail
from channel.access.rules.signing_in import (
    LONGEST_LOGIN,
    LONGEST_PASSWORD,
    SHORTEST_PASSWORD,
    TOKEN_LASTS_AT_MOST,
    login_fault,
    plain_login,
)
from channel.acts import LONGEST_TEXT, Act, Opened, Said, read_code
from channel.codes import LONGEST
from channel.errors import FieldError, Message, m

_LONGEST_NAME = 100
GIVEN_ROLES = (Role.MANAGER, Role.FINANCE, Role.REGIONAL, Role.AUDITOR, Role.ADMINISTRATOR)
"""The roles of people: all but those of machines and of the host."""
_LANGUAGES: Mapping[Any, Message] = MappingProxyType({"en": Message("English"), "zh": Message("简体中文")})
_ANY_LANGUAGE: Mapping[Any, Message] = MappingProxyType({"": m("as the browser says"), **_LANGUAGES})

_LOGIN = Said(m("Sign-in name"), hint=m("Letters, digits and . @ + - _; it stays."), longest=LONGEST_LOGIN)
_NAME = Said(m("Full name"), needed=m("A name is needed."), longest=_LONGEST_NAME)
_ROLE = Said(
    m("Role"),
    needed=m("Choose a role."),
    choices=MappingProxyType({role: ROLE_NAMES[role] for role in GIVEN_ROLES}),
)
_NODES = Said(
    m("Territories"),
    hint=m("Only for regional staff: they see what lies at and below these."),
    option="--territory",
)
_LOCALE = Said(m("Language"), choices=_ANY_LANGUAGE, option="--language")
_MAIL = Said(m("E-mail"), read=read_mail, keys="email", option="--email")
_MESSAGES = Said(m("Messages"), choices=MESSAGES_NAMES)
_PASSWORD = Said(
    m("Password"),
    hint=m("Left empty, one is made and shown once."),
    hidden_as="new-password",
    longest=LONGEST_PASSWORD,
)
Because = Annotated[Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT)] | None, Said(m("Reason"))]
"""Why, where one may leave it open."""


def _name_fault(name: str | msgspec.UnsetType) -> Iterable[FieldError]:
    if isinstance(name, str) and not name.isprintable():
        yield FieldError("name", m("A name is needed."), m("1 to 100 characters"))


class AddPerson(Act, frozen=True, kw_only=True):
    """Somebody to be added; without a password one is made."""

    name: Annotated[str, _NAME]
    login: Annotated[str, _LOGIN]
    role: Annotated[Role, _ROLE]
    territories: Annotated[list[str], _NODES] = msgspec.field(default_factory=list)
    locale: Annotated[str | None, _LOCALE] = None
    email: Annotated[str | None, _MAIL] = None
    messages: Annotated[Messages, _MESSAGES] = Messages.DAILY
    password: Annotated[str | None, _PASSWORD] = None

    def between(self) -> Iterable[FieldError]:
        """A login that can be one, a name that can be read, and territories for regional staff alone."""
        faults = (login_fault(plain_login(self.login)), binding_fault(self.role, self.territories))
        yield from (fault for fault in faults if fault is not None)
        yield from _name_fault(self.name)


class ChangePerson(Act, frozen=True, kw_only=True):
    """What is to be different; what is left out (or null) stays.

    An empty `locale` forgets the choice, and an `email` that is empty or null is taken away.
    """

    name: Annotated[str | msgspec.UnsetType, _NAME] = msgspec.UNSET
    role: Annotated[Role | None, _ROLE] = None
    territories: Annotated[list[str] | None, _NODES] = None
    locale: Annotated[str | None, _LOCALE] = None
    email: Annotated[str | msgspec.UnsetType | None, _MAIL] = msgspec.UNSET
    messages: Annotated[Messages | None, _MESSAGES] = None
    active: Annotated[bool | None, Said(m("Active"))] = None
    reason: Because = None

    def between(self) -> Iterable[FieldError]:
        """A name that can be read."""
        return _name_fault(self.name)

    def wanted(self) -> dict[str, Any]:
        """The fields that are to be different, as they are stored."""
        told = {
            "name": None if self.name is msgspec.UNSET else self.name,
            "role": self.role,
            "territories": None if self.territories is None else sorted(set(self.territories)),
            "messages": self.messages,
            "active": self.active,
        }
        given: dict[str, Any] = {field: value for field, value in told.items() if value is not None}
        if self.email is not msgspec.UNSET:
            given["email"] = self.email
        return given if self.locale is None else given | {"locale": self.locale or None}


class KeepPerson(Act, frozen=True, kw_only=True):
    """A person as the form shows him, whole; the role of oneself is shown and not sent."""

    name: Annotated[str, _NAME]
    role: Annotated[Role | msgspec.UnsetType, replace(_ROLE, hint=m("A new role ends the person's API tokens."))] = (
        msgspec.UNSET
    )
    territories: Annotated[list[str], _NODES] = msgspec.field(default_factory=list)
    locale: Annotated[str, _LOCALE] = ""
    email: Annotated[str | None, _MAIL] = None
    messages: Annotated[Messages, _MESSAGES] = Messages.DAILY
    reason: Because = None
    opened: Opened = None

    def change(self) -> ChangePerson:
        """The same as a change: whoever is not regional has no territories to be told."""
        bound = self.role is Role.REGIONAL
        return ChangePerson(
            name=self.name,
            role=None if self.role is msgspec.UNSET else self.role,
            territories=self.territories if bound else None,
            locale=self.locale,
            email=self.email,
            messages=self.messages,
            reason=self.reason,
        )


class Stand(Act, frozen=True, kw_only=True):
    """Whether somebody may come in, as two buttons of the form say it."""

    active: Annotated[bool, Said(m("Active"))]
    reason: Because = None

    def change(self) -> ChangePerson:
        """The same as a change."""
        return ChangePerson(active=self.active, reason=self.reason)


class SetPassword(Act, frozen=True, kw_only=True):
    """A password for somebody; without one it is made."""

    password: Annotated[str | None, _PASSWORD] = None
    reason: Because = None


class ChangePassword(Act, frozen=True, kw_only=True):
    """The present password of a person himself and the one to be."""

    old_password: Annotated[str, Said(m("Present password"), hidden_as="current-password")]
    password: Annotated[
        str,
        Said(
            m("New password"),
            hint=m("At least %(least)s characters; several words make a good one.", least=SHORTEST_PASSWORD),
            hidden_as="new-password",
        ),
    ]


class ChangePasswordTwice(ChangePassword, frozen=True, kw_only=True):
    """The same on a form, where what nobody sees is typed twice."""

    again: Annotated[str, Said(m("New password again"), hidden_as="new-password")]

    def between(self) -> Iterable[FieldError]:
        """Both times the same."""
        if self.password != self.again:
            yield FieldError("again", m("The two are not the same."))


class ChooseLanguage(Act, frozen=True, kw_only=True):
    """The language of a person's own pages."""

    locale: Annotated[str, Said(m("Language"), choices=_LANGUAGES)]


class ChooseMessages(Act, frozen=True, kw_only=True):
    """Where a person is written to, and when; an `email` that is empty or null is taken away."""

    email: Annotated[
        str | msgspec.UnsetType | None,
        replace(_MAIL, hint=m("Without one, what is told to you stands under Messages alone.")),
    ] = msgspec.UNSET
    messages: Annotated[Messages | msgspec.UnsetType, _MESSAGES] = msgspec.UNSET
    opened: Opened = None


class ChangeMe(ChooseMessages, frozen=True, kw_only=True):
    """What a person may change about himself; what is left out stays."""

    locale: Annotated[str | msgspec.UnsetType, Said(m("Language"), choices=_LANGUAGES)] = msgspec.UNSET


class MakeToken(Act, frozen=True, kw_only=True):
    """A token to be made: `machine` for one of the role system, `territories` to narrow it.

    `days` is how long it lasts: 90 for a person's where none is given, without end for a machine's. What is made with a
    token ends with it at the latest, and without days there; one that is to last is made on the pages.
    """

    name: Annotated[
        str,
        Said(m("What it is for"), needed=m("A token needs a name that says what it is for."), longest=_LONGEST_NAME),
    ]
    territories: Annotated[
        list[str], Said(m("Territories"), hint=m("None ticked: it reaches what you reach."), option="--territory")
    ] = msgspec.field(default_factory=list)
    days: Annotated[int | None, Said(m("Days it lasts"), low=1, high=TOKEN_LASTS_AT_MOST.days)] = None
    machine: Annotated[bool, Said(m("For a machine, with the role system (administrator)"))] = False


class MakeMachineToken(MakeToken, frozen=True, kw_only=True):
    """The same on the form for machines."""

    name: Annotated[
        str,
        Said(
            m("Which machine"),
            hint=m("It stands in the audit trail under this name."),
            needed=m("A token needs a name that says what it is for."),
            longest=_LONGEST_NAME,
        ),
    ]
    territories: Annotated[list[str], Said(m("Territories"), hint=m("None ticked: it reaches all dealers."))] = (
        msgspec.field(default_factory=list)
    )
    days: Annotated[
        int | None, Said(m("Days it lasts"), hint=m("Left empty: no end."), low=1, high=TOKEN_LASTS_AT_MOST.days)
    ] = None


_MEMBER_NAME = Said(m("Full name"), needed=m("A name is needed."), longest=_LONGEST_NAME)
_MANAGER = Said(m("Manager"), nothing=m("at the top"))
_WHERE = Said(m("Territory"), nothing=m("the whole company"))
_FIRST = Said(m("First day"))
_LAST = Said(m("Last day"), hint=m("The last day of work; empty for no end."))
_SIGN_IN = Said(m("Sign-in name"), hint=m("Of the person who signs in; nobody has two."), nothing=m("does not sign in"))


class AddMember(Act, frozen=True, kw_only=True):
    """A member of staff to be added; manager and territory by code, without them at the top and for the whole company.

    Without a first day it is today.
    """

    code: Annotated[
        str,
        Said(m("Code"), hint=m("Once and for all; it stands in addresses and files."), longest=LONGEST, read=read_code),
    ]
    name: Annotated[str, _MEMBER_NAME]
    manager: Annotated[str | None, _MANAGER] = None
    territory: Annotated[str | None, _WHERE] = None
    first_on: Annotated[date | None, replace(_FIRST, option="--first-day")] = None
    last_on: Annotated[date | None, replace(_LAST, option="--last-day")] = None
    login: Annotated[str | None, _SIGN_IN] = None

    def between(self) -> Iterable[FieldError]:
        """A name that can be read."""
        return _name_fault(self.name)


class ChangeMember(Act, frozen=True, kw_only=True):
    """What is to be different of a member of staff; null takes away what there need not be."""

    name: Annotated[str | msgspec.UnsetType, _MEMBER_NAME] = msgspec.UNSET
    manager: Annotated[str | msgspec.UnsetType | None, _MANAGER] = msgspec.UNSET
    territory: Annotated[str | msgspec.UnsetType | None, _WHERE] = msgspec.UNSET
    first_on: Annotated[date | msgspec.UnsetType, replace(_FIRST, option="--first-day")] = msgspec.UNSET
    last_on: Annotated[date | msgspec.UnsetType | None, replace(_LAST, option="--last-day")] = msgspec.UNSET
    login: Annotated[str | msgspec.UnsetType | None, _SIGN_IN] = msgspec.UNSET
    reason: Because = None
    opened: Opened = None

    def between(self) -> Iterable[FieldError]:
        """A name that can be read."""
        return _name_fault(self.name)


class KeepDuty(Act, frozen=True, kw_only=True):
    """A duty to be added, or changed where the code is known: its name, and exactly the rights that it adds."""

    code: Annotated[str, Said(m("Code"), longest=LONGEST, read=read_code)]
    name: Annotated[str, Said(m("Name"), needed=m("A name is needed."), longest=_LONGEST_NAME)]
    rights: Annotated[
        list[Right],
        Said(
            m("Rights it adds"),
            hint=m("To those of the role, while somebody has the duty, within his own territories."),
            choices=ADDED_BY_DUTIES,
            option="--right",
        ),
    ] = msgspec.field(default_factory=list)
    opened: Opened = None


class GiveDuty(Act, frozen=True, kw_only=True):
    """A duty, by its code, that a member of staff has on the days [from_on, to_on)."""

    duty: Annotated[str, Said(m("Duty"))]
    from_on: Annotated[date, Said(m("From"), option="--from")]
    to_on: Annotated[
        date | None,
        Said(m("Until before"), hint=m("The first day without it; empty for no end."), option="--until-before"),
    ] = None
    reason: Because = None

    def between(self) -> Iterable[FieldError]:
        """The end lies after the beginning."""
        if self.to_on is not None and self.to_on <= self.from_on:
            yield FieldError("to_on", m("The end must be after the start."))


class EndDuty(Act, frozen=True, kw_only=True):
    """The first day on which a member has a duty no longer."""

    to_on: Annotated[date, Said(m("First day without it"), option="--until-before")]
    reason: Because = None


_DEPUTY = Said(m("Deputy"), hint=m("Does the work on those days; who is away himself is followed by his own deputy."))
_BACK = Said(m("First day back"), option="--until-before")


class EnterAway(Act, frozen=True, kw_only=True):
    """Days [from_on, to_on) on which a member is away, and the deputy by code; a correction says all of it anew."""

    from_on: Annotated[date, Said(m("First day away"), option="--from")]
    to_on: Annotated[date, _BACK]
    deputy: Annotated[str, _DEPUTY]
    reason: Because = None

    def between(self) -> Iterable[FieldError]:
        """The end lies after the beginning."""
        if self.to_on <= self.from_on:
            yield FieldError("to_on", m("The end must be after the start."))


class EndAway(Act, frozen=True, kw_only=True):
    """The first day on which a member is back; one before the first day away takes all of the days back."""

    to_on: Annotated[date, _BACK]
    reason: Because = None
