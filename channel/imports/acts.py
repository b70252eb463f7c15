"""What is said to a load that waits."""

from typing import Annotated

from channel.acts import Act, Said
from channel.errors import m


class LoadChecked(Act, frozen=True, kw_only=True):
    """Let a checked load go in; `partial` loads the good lines where others were rejected.

    `confirmed` must be true where the load asks for it (`preview.confirm`): the report supersedes much, days without a
    line would count as zero (`preview.silent`), or its text may have been misread.
    """

    partial: Annotated[bool, Said(m("Load the good lines where others were rejected."))] = False
    confirmed: Annotated[bool, Said(m("Load it also where it asks to be confirmed."))] = False


class LoadAgain(Act, frozen=True, kw_only=True):
    """Ask for a load once more, with the sign before its decimals said."""

    decimal: Annotated[
        str,
        Said(
            m("Which sign stands before the decimals?"),
            choices={".": m("point: 1,234.56"), ",": m("comma: 1.234,56")},
        ),
    ]
