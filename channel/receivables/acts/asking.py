"""What every act on a dealer's account says: whether it may wait for a second person where it needs one."""

from typing import Annotated

from channel.acts import Act, Reason, Said
from channel.errors import m


class MayWait(Act, frozen=True, kw_only=True):
    """An act on a dealer's account.

    Where it changes figures of a closed month, or is above what one may do alone, it is refused with what it needs,
    unless it says `ask`: then it waits for a second person.
    """

    ask: Annotated[
        bool,
        Said(
            m("Let a second person decide where one is needed"),
            hint=m("What changes figures of a closed month, or is above what one may do alone, waits for his word."),
            option="--ask",
        ),
    ] = False
    reason: Reason
