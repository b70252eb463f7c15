"""What an act on a dealer's account says of a second person: whether it may wait for him where it needs one."""

from collections.abc import Iterable
from typing import Annotated

import msgspec

from channel.acts import LONGEST_TEXT, Act, Reason, Said
from channel.errors import FieldError, m

Ask = Annotated[
    bool,
    Said(
        m("Let a second person decide where one is needed"),
        hint=m("What changes figures of a closed month, or is above what one may do alone, waits for his word."),
        option="--ask",
    ),
]
ReasonToAsk = Annotated[
    Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT)] | None,
    Said(m("Reason"), hint=m("Needed where a second person is to decide.")),
]
"""The reason of an act that needs none unless it asks."""


class MayWait(Act, frozen=True, kw_only=True):
    """An act on a dealer's account.

    Where it changes figures of a closed month, or is above what one may do alone, it is refused with what it needs,
    unless it says `ask`: then it waits for a second person.
    """

    ask: Ask = False
    reason: Reason


def lacking_reason(*, ask: bool, reason: str | None) -> Iterable[FieldError]:
    """Whoever asks a second person says why."""
    if ask and reason is None:
        yield FieldError("reason", m("A reason is needed where a second person is to decide."))
