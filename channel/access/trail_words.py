"""The trail in words that people read: the acts, their subjects, and the names of what changed.

Each room says its own (`TrailWords`), and they are joined when the app is put together; those of this room, and of what
the operator does, stand below. The codes stay in the trail as they were written, so that a search by machine keeps
finding them; every face takes its words here. An act without a name is a fault of the code: `service.audit` refuses it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from channel.access.rules import ADDED_BY_DUTIES, ROLE_NAMES, Right
from channel.access.rules.mail import MESSAGES_NAMES
from channel.errors import Message, m

UNKNOWN = "-"
"""Who did something where nobody knows: no login can be this."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What an act was about: in words, where it lies (None where it has no page), and who may go there."""

    words: Message
    url: str | None = None
    right: Right | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """How subjects of a form begin (`limit proposal `), the words for one by what follows, and where it lies.

    The address goes on with what follows, up to a colon; `right` is what its page asks for, where not everybody may
    open that who reads of the act.
    """

    start: str
    words: Callable[[str], Message]
    url: str | None = None
    right: Right | None = None


@dataclass(frozen=True, slots=True)
class TrailWords:
    """What a room says of its part of the trail.

    `acts`: code -> a headline of what was done. `forms` are subjects by how they begin, `subjects` those that always
    say the same, `subjects_of` the words of an act's subjects where only the act shows what they are. `names`: what a
    value before or after is called, where the name that the code gives it is not what people say; that of a value
    inside another stands behind that one's, after a point. `values`: by such a name, the values that are words of ours.
    """

    acts: Mapping[str, Message] = field(default_factory=dict)
    forms: Sequence[Form] = ()
    subjects: Mapping[str, Message] = field(default_factory=dict)
    subjects_of: Mapping[str, Callable[[str], Message]] = field(default_factory=dict)
    names: Mapping[str, Message] = field(default_factory=dict)
    values: Mapping[str, Mapping[Any, Message]] = field(default_factory=dict)


_acts: dict[str, Message] = {}
_names: dict[str, Message] = {}
_values: dict[tuple[str, str], Message] = {}
_subjects: dict[str, Message] = {}
_subjects_of: dict[str, Callable[[str], Message]] = {}
_forms: list[Form] = []
ACTS: Mapping[str, Message] = MappingProxyType(_acts)
"""Every act by its code."""
NAMES: Mapping[str, Message] = MappingProxyType(_names)
"""Every name of a value by what the code calls it."""
VALUES: Mapping[tuple[str, str], Message] = MappingProxyType(_values)
"""Every value that is a word of ours, by the name that it stands under."""


def use_trail_words(rooms: Iterable[TrailWords]) -> None:
    """Set the words of all rooms; once, when the app is put together. Two rooms never say the same act."""
    for known in (_acts, _names, _values, _subjects, _subjects_of, _forms):
        known.clear()
    for room in rooms:
        if twice := _acts.keys() & room.acts.keys():
            raise ValueError(f"two rooms have words for the acts {sorted(twice)}")
        _acts.update(room.acts)
        _names.update(room.names)
        _values.update({(name, text): words for name, under in room.values.items() for text, words in under.items()})
        _subjects.update(room.subjects)
        _subjects_of.update(room.subjects_of)
        _forms.extend(room.forms)
    # Of two that begin alike the longer one is meant.
    _forms.sort(key=lambda form: -len(form.start))


def act_words(code: str) -> Message:
    """What was done; a code that has no name any more is told as it stands."""
    return _acts.get(code) or m("%(act)s", act=code)


def acts_said(text: str, tell: Callable[[Message], str]) -> list[str]:
    """The codes of the acts whose words hold this text, as `tell` says them."""
    sought = text.casefold()
    return [code for code, words in _acts.items() if sought in tell(words).casefold()]


def subject_words(act: str, subject: str) -> Subject:
    """What an act was about; a subject of no form known here is told as it stands."""
    if act in _subjects_of:
        return Subject(_subjects_of[act](subject))
    for form in _forms:
        rest = subject.removeprefix(form.start)
        if rest != subject:
            place = None if form.url is None else form.url + quote(rest.partition(":")[0], safe="")
            return Subject(form.words(rest), place, form.right)
    return Subject(_subjects.get(subject) or m("%(subject)s", subject=subject))


def via_words(via: str) -> Message:
    """By which door somebody came: a session or a token with its number, or what the trail says."""
    door, _, number = via.partition(" ")
    match door:
        case "session" if number:
            return m("session %(number)s", number=number)
        case "token" if number:
            return m("API token %(number)s", number=number)
        case "sign-in":
            return m("the sign-in")
        case "service":
            return m("the service itself")
        case _:
            return m("%(via)s", via=via)


def dated(day: str) -> object:
    """The day as a date, which is told as the reader writes it; what is none stays as it is."""
    try:
        return date.fromisoformat(day)
    except ValueError:
        return day


TRAIL = TrailWords(
    acts={
        "add member": m("Member of staff added"),
        "add person": m("Person added"),
        "back up": m("Backup written"),
        "change member": m("Member of staff changed"),
        "change password": m("Password changed"),
        "change person": m("Person changed"),
        "choose language": m("Language chosen"),
        "choose messages": m("Way of being told chosen"),
        "correct days away": m("Days away corrected"),
        "end days away": m("Days away ended"),
        "end duty": m("Duty ended"),
        "enter days away": m("Days away entered"),
        "fail to sign in": m("Sign-in failed"),
        "fill the demonstration": m("Demonstration filled"),
        "give duty": m("Duty given"),
        "keep duty": m("Duty recorded"),
        "make token": m("API token made"),
        "move clock": m("Clock moved"),
        "reconcile": m("Sums reconciled"),
        "restore": m("Restored from a backup"),
        "revoke sessions": m("Sessions ended"),
        "revoke token": m("API token revoked"),
        "set company currency": m("Company currency set"),
        "set password": m("Password set anew"),
        "sign in": m("Sign-in"),
        "sign out": m("Signed out"),
    },
    forms=(
        # Who may not keep people reads of what was done to one, and does not go there.
        Form("person ", lambda login: m("Person %(login)s", login=login), "/people/", Right.KEEP_PEOPLE),
        Form("member ", lambda code: m("Member of staff %(code)s", code=code), "/staff/", Right.SEE_DEALERS),
        Form("duty ", lambda code: m("Duty %(code)s", code=code)),
        Form("token ", lambda number: m("API token %(number)s", number=number)),
    ),
    subjects={"company": m("The company"), "nobody": m("a sign-in name that nobody has")},
    names={
        "concerned": m("dealers concerned"),
        "deputy": m("deputy"),
        "differences": m("differences"),
        "duty": m("duty"),
        "messages": m("messages"),
        "mend": m("computed anew"),
        "active": m("active"),
        "address": m("network address"),
        "amount": m("amount"),
        "code": m("code"),
        "currency": m("currency"),
        "effective_on": m("effective from"),
        "email": m("e-mail"),
        "ended": m("ended"),
        "expires_at": m("ends"),
        "first_on": m("first day"),
        "from": m("effective from"),
        "from_on": m("effective from"),
        "kind": m("kind"),
        "last_on": m("last day"),
        "level": m("level"),
        "locale": m("language"),
        "login": m("sign-in name"),
        "manager": m("manager"),
        "name": m("name"),
        "rights": m("rights"),
        "role": m("role"),
        "state": m("state"),
        "territories": m("territories"),
        "territory": m("territory"),
        "to": m("until before"),
        "to_on": m("until before"),
        "tokens": m("API tokens"),
    },
    values={
        "messages": {each.value: name for each, name in MESSAGES_NAMES.items()},
        "rights": {right.value: name for right, name in ADDED_BY_DUTIES.items()},
        "role": {role.value: name for role, name in ROLE_NAMES.items()},
    },
)
"""The words of this room, and of what the operator does."""
