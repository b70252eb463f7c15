"""Mail: what can be an address, and how somebody wants to be told."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from channel.errors import FieldError, Message, m
from channel.mail import is_mail


class Messages(StrEnum):
    """When somebody is told by mail what happened."""

    AT_ONCE = "at-once"
    DAILY = "daily"
    NONE = "none"


MESSAGES_NAMES: Mapping[Messages, Message] = MappingProxyType(
    {
        Messages.AT_ONCE: m("at once, each by itself"),
        Messages.DAILY: m("once each working morning, all in one"),
        Messages.NONE: m("not by mail"),
    }
)


def read_mail(text: str) -> str | FieldError:
    """The address as it is kept, or what is wrong with it."""
    if is_mail(text):
        return text
    return FieldError("email", m("“%(value)s” is no mail address such as name@example.com.", value=text))
