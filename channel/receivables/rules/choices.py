"""The names by which people know the kinds of documents, and what settles what and why."""

from collections.abc import Mapping
from types import MappingProxyType

from channel.errors import Message, invalid, m
from channel.receivables.rules.documents import DocumentKind, PostedKind
from channel.receivables.rules.movements import AllocationReason, Settles

KIND_NAMES: Mapping[DocumentKind, Message] = MappingProxyType(
    {
        DocumentKind.INVOICE: m("Invoice"),
        DocumentKind.DEBIT_NOTE: m("Debit note"),
        DocumentKind.CREDIT_NOTE: m("Credit note"),
        DocumentKind.RECEIPT: m("Receipt"),
        DocumentKind.BILL: m("Bill"),
        DocumentKind.WRITE_OFF: m("Write-off"),
    }
)
POSTED_NAMES: Mapping[PostedKind, Message] = MappingProxyType(
    {each: KIND_NAMES[DocumentKind(each)] for each in PostedKind}
)
PAYING = "paying"
OWED = "owed"
CAME_IN = "came_in"
"""The groups by which a list of documents can be asked for beside the kinds: what pays, what is owed, what came in."""
GROUPS: Mapping[str, tuple[DocumentKind, ...]] = MappingProxyType(
    {
        OWED: tuple(each for each in DocumentKind if each.is_owed),
        PAYING: tuple(each for each in DocumentKind if not each.is_owed),
        CAME_IN: (DocumentKind.RECEIPT, DocumentKind.BILL),
    }
)
GROUP_NAMES: Mapping[str, Message] = MappingProxyType(
    {OWED: m("What is owed"), PAYING: m("What pays"), CAME_IN: m("Money and bills")}
)
SETTLES_NAMES: Mapping[Settles, Message] = MappingProxyType(
    {
        Settles.PAYMENT: m("paid"),
        Settles.DISCOUNT: m("settlement discount"),
        Settles.DIFFERENCE: m("rest let go"),
    }
)
WHY_NAMES: Mapping[AllocationReason, Message] = MappingProxyType(
    {
        AllocationReason.REFERENCE: m("named by its number"),
        AllocationReason.EXACT: m("of the very amount"),
        AllocationReason.OLDEST: m("due first"),
        AllocationReason.BY_HAND: m("chosen by hand"),
    }
)


def kinds_asked(text: str | None) -> tuple[DocumentKind, ...]:
    """The kinds that a filter means: one, or a group; none where it asks for nothing, `Invalid` where there is none."""
    if not text:
        return ()
    if text in GROUPS:
        return GROUPS[text]
    if text not in list(DocumentKind):
        names = ", ".join([*DocumentKind, *GROUPS])
        raise invalid("kind", m("There is no such kind of document."), m("One of: %(choices)s", choices=names))
    return (DocumentKind(text),)
