"""Signing in: who is let through when, what a login and a password may be, and how long a sign-in lasts."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, IPv6Network, ip_address

from channel.errors import FieldError, m

SESSION_LASTS = timedelta(hours=12)
"""A session ends this long after the sign-in, however much it was used."""
TOKEN_LASTS_AT_MOST = timedelta(days=366)
"""The longest life of a person's own API token: a year, whichever year."""
TRIES_WINDOW = timedelta(minutes=15)
TRIES_PER_PAIR = 5
TRIES_PER_ADDRESS = 20
"""Failed sign-ins in the window that one login from one place, or one place, may have before it has to wait."""
LOGIN_WINDOW = timedelta(hours=1)
TRIES_PER_LOGIN = 30
"""Failed sign-ins that one login may have in this longer window, from wherever they come."""
PLACE_KNOWN_FOR = timedelta(days=30)
"""So long after a sign-in a place counts as the person's: there his own tries alone keep him out."""
FAILURES_SHOWN_FOR = timedelta(days=30)
"""So long a failed sign-in is told on the person's page; in the trail it stays."""
LONGEST_ADDRESS = 100
"""Characters of a network address that are kept."""
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 256

LONGEST_LOGIN = 64

_LOGIN = re.compile(rf"\w[\w.@+-]{{0,{LONGEST_LOGIN - 1}}}")


@dataclass(frozen=True, slots=True)
class Tries:
    """The moments of failed tries: under one login from one place, under the login, from the place.

    `known` says that the person came in from this place lately.
    """

    of_pair: Sequence[datetime]
    of_login: Sequence[datetime]
    of_place: Sequence[datetime]
    known: bool


def wait_until(tries: Tries, now: datetime) -> datetime | None:
    """When the next try is let through, or None where it is at once.

    A limit of n is reached while the n-th last failure is younger than the window; the wait ends the window's length
    after that failure. Where the person is known, only what fails under his login from that very place counts: nobody
    elsewhere locks him out of his own desk, nor does a neighbour who guesses at other logins.
    """
    counted = [(tries.of_pair, TRIES_PER_PAIR, TRIES_WINDOW)]
    if not tries.known:
        counted += [
            (tries.of_login, TRIES_PER_LOGIN, LOGIN_WINDOW),
            (tries.of_place, TRIES_PER_ADDRESS, TRIES_WINDOW),
        ]
    ends = [sorted(failures)[-limit] + window for failures, limit, window in counted if len(failures) >= limit]
    return max((end for end in ends if end > now), default=None)


def place_of(address: str) -> str:
    """By what tries are counted: the network address, or of IPv6 the network of 64 bits that one customer has."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address[:LONGEST_ADDRESS]
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or IPv6Network((found, 64), strict=False))
    return str(found)


def plain_login(text: str) -> str:
    """The one spelling of a login: without outer blanks, in lower case, compatible characters made equal."""
    # Nobody has a longer one; one that was cut stays longer than any.
    return unicodedata.normalize("NFKC", text[: 2 * LONGEST_LOGIN]).strip().lower()[: 2 * LONGEST_LOGIN]


def login_fault(login: str) -> FieldError | None:
    """Why this cannot be a login."""
    if _LOGIN.fullmatch(login):
        return None
    return FieldError(
        "login",
        m("This cannot be a sign-in name."),
        m("1 to 64 letters, digits or . @ + - _, beginning with a letter or digit"),
    )


_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("MicroMessenger", "WeChat"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def device_of(agent: str) -> str:
    """The browser and the system in what a browser says of itself, or the beginning of what it says."""
    found = [next((name for mark, name in marks if mark in agent), None) for marks in (_BROWSERS, _SYSTEMS)]
    return ", ".join(name for name in found if name) or agent[:60]


def plain_password(password: str) -> str:
    """The one spelling of a password, so that it does not matter on which keyboard its accents were typed."""
    return unicodedata.normalize("NFKC", password)


def password_fault(password: str, login: str) -> FieldError | None:
    """Why this password is not taken: length counts and nothing of its composition does."""
    expected = m("at least %(least)s characters; several words make a good one", least=SHORTEST_PASSWORD)
    plain = plain_password(password)
    if len(plain) < SHORTEST_PASSWORD:
        return FieldError("password", m("The password is too short."), expected)
    if len(plain) > LONGEST_PASSWORD:
        return FieldError("password", m("The password is longer than %(most)s characters.", most=LONGEST_PASSWORD))
    if plain.lower() == plain_login(login):
        return FieldError("password", m("The password is the sign-in name."), expected)
    return None
