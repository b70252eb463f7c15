"""Mail and what is in it: the words of a message, and what can become of a mail."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from channel.errors import Message, m
from channel.work.rules import Retries


class MailKind(StrEnum):
    """What a mail is: messages at once, those of a day with what waits, or a test of the way."""

    MESSAGES = "messages"
    DAILY = "daily"
    TEST = "test"


MAIL_KIND_NAMES: Mapping[MailKind, Message] = MappingProxyType(
    {
        MailKind.MESSAGES: m("Messages"),
        MailKind.DAILY: m("Mail of the morning"),
        MailKind.TEST: m("Test"),
    }
)


class MailState(StrEnum):
    """What has become of a mail."""

    WAITING = "waiting"
    SENT = "sent"
    NOT_SENT = "not sent"
    """There is nobody to whom it could go."""
    GIVEN_UP = "given up"
    """It was tried, and something stood in the way."""


MAIL_STATE_NAMES: Mapping[MailState, Message] = MappingProxyType(
    {
        MailState.WAITING: m("waiting to be sent"),
        MailState.SENT: m("sent"),
        MailState.NOT_SENT: m("not sent"),
        MailState.GIVEN_UP: m("given up after tries"),
    }
)
MAIL_STATE_COLOURS: Mapping[MailState, str] = MappingProxyType(
    {MailState.WAITING: "accent", MailState.SENT: "good", MailState.NOT_SENT: "", MailState.GIVEN_UP: "bad"}
)
SENT_AGAIN = frozenset({MailState.NOT_SENT, MailState.GIVEN_UP})
"""From these a mail can be sent again; what waits is sent by itself."""


class Why(StrEnum):
    """Why a mail has not gone out."""

    NO_ADDRESS = "no address"
    WANTS_NONE = "wants none"
    GONE = "gone"
    NOTHING_LEFT = "nothing left"
    REFUSED = "refused"
    TOO_OFTEN = "too often"


WHY_NAMES: Mapping[Why, Message] = MappingProxyType(
    {
        Why.NO_ADDRESS: m("the person has no mail address"),
        Why.WANTS_NONE: m("the person wants no mail"),
        Why.GONE: m("the person does not sign in any more"),
        Why.NOTHING_LEFT: m("nothing is left in it that the person may see"),
        Why.REFUSED: m("the mail server refused it for good"),
        Why.TOO_OFTEN: m("it failed for days"),
    }
)

RESENDING = Retries(most=16, longest=timedelta(hours=12))
"""A mail that does not leave is tried for three days: after a minute, two, four and so on, at last twice a day."""


@dataclass(frozen=True, slots=True)
class Words:
    """A message in words: its headline, what more there is to say, and where it is looked at or done."""

    headline: Message
    url: str
    more: tuple[Message, ...] = ()
