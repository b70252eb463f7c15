"""The list of acts that wait for a second person."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from channel.consent.rules import State
from channel.errors import Message, m
from channel.lists import Column, Kind, List

STATE_NAMES: Mapping[str, Message] = MappingProxyType(
    {
        State.OPEN: m("waits"),
        State.APPROVED: m("approved"),
        State.REFUSED: m("refused"),
        State.WITHDRAWN: m("withdrawn"),
        State.SUPERSEDED: m("superseded"),
        State.ENDED: m("closed by the end of the cooperation"),
    }
)
ASKED_NAMES: Mapping[str, Message] = MappingProxyType(
    {
        "allocate by hand": m("Allocation by hand"),
        "take back allocation": m("Taking back an allocation"),
        "reallocate": m("Allocating an account anew"),
        "write off": m("Write-off"),
        "post documents": m("Posting documents"),
        "reverse document": m("Reversing a document"),
        "take back assignment": m("Taking back an assignment of money"),
    }
)
"""What is asked for, by the act's name: nothing of it has been done while it waits."""


WAITING = List(
    "waiting-acts",
    m("Acts that wait"),
    (
        Column("id", m("No."), Kind.SERIAL, link="/receivables/waiting/{id}"),
        Column(
            "dealer", m("Dealer"), Kind.CODE, link="/receivables/waiting/{id}", shown="name", sub="dealer", wraps=True
        ),
        Column("others", m("Further dealers"), Kind.COUNT, page=False, less=2),
        Column("act", m("What"), Kind.CHOICE, choices=ASKED_NAMES),
        Column("reason", m("Reason"), wraps=True, less=1),
        Column("state", m("State"), Kind.CHOICE, choices=STATE_NAMES, colours={State.OPEN: "warn"}),
        Column("proposer", m("Asked by")),
        Column("proposed_at", m("Asked"), Kind.MOMENT, less=2),
    ),
    order="-id",
    key="-id",
    nothing=m("Nothing waits for a second person."),
)


def whose(row: Any) -> Message | str:  # noqa: ANN401 - a row of the database
    """Whom an act concerns: its dealer, and how many more where it is one act on several accounts."""
    if not row["others"]:
        return str(row["name"])
    return m("%(name)s and %(count)s more", name=row["name"], count=str(row["others"]))
