"""What is said of a file that is brought, and to a load that waits."""

from datetime import date
from enum import StrEnum
from typing import Annotated

import msgspec

from channel.acts import Act, Reason, Said
from channel.errors import m

_DECIMALS = {".": m("point: 1,234.56"), ",": m("comma: 1.234,56")}


class BringFile(Act, frozen=True, kw_only=True):
    """What the file that comes with it holds."""

    kind: Annotated[str, Said(m("What it holds"), needed=m("There is no such kind of file."))]


class CheckFile(Act, frozen=True, kw_only=True):
    """How a file is to be read, besides which of its columns is what; rejected lines need nothing said."""

    date_format: Annotated[
        str,
        Said(
            m("Form of the dates"),
            hint=m("Only where the year does not come first, such as M/D/YYYY, D-MMM-YY or ROC/M/D."),
        ),
    ] = ""
    decimal: Annotated[str, Said(m("Decimal sign"), choices=_DECIMALS, nothing=m("as the columns show it"))] = ""
    grouping: Annotated[
        str,
        Said(
            m("Groups of digits"),
            choices={"indian": m("as in India: 12,34,567")},
            nothing=m("in threes: 1,234,567"),
        ),
    ] = ""
    period: Annotated[
        str,
        Said(
            m("Days that the report covers"),
            hint=m(
                "Days or months, such as 2013-01:2013-03. Without it, the whole month where it is over and nothing else"
                " speaks of it, else from the first to the last line; a count of stock, its day."
            ),
        ),
    ] = ""
    dealers: Annotated[
        list[str],
        Said(
            m("Dealers that it covers"),
            hint=m(
                "Codes, separated by commas, or all. Without them, sell-in covers every dealer (those without a line on"
                " the file's own days), and sell-through and stock those in the file."
            ),
            parted=",",
        ),
    ] = msgspec.field(default_factory=list)
    create_missing: Annotated[list[str], Said(m("What the file names and nobody knows"))] = msgspec.field(
        default_factory=list
    )
    effective_on: Annotated[date | None, Said(m("Effective from"), hint=m("Without it, today."))] = None
    keep_as: Annotated[str, Said(m("Keep this mapping under the name"))] = ""
    ask: Annotated[
        bool,
        Said(
            m("Also lines for which a second person decides"),
            hint=m("Such as those of closed months; the whole load then waits for his word."),
        ),
    ] = False
    reason: Annotated[str | None, Said(m("Reason"), hint=m("Needed where a second person is to decide."))] = None


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
            choices=_DECIMALS,
        ),
    ]


class Word(StrEnum):
    """What may be said of a load that waits."""

    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


class SayOfLoad(Act, frozen=True, kw_only=True):
    """A word on a load that waits for a second person.

    He approves it, and it goes in, checked anew; he refuses it, or who asked withdraws it, and nothing is loaded.
    """

    word: Annotated[
        Word,
        Said(
            m("Word"),
            choices={Word.APPROVE: m("Approve"), Word.REFUSE: m("Refuse"), Word.WITHDRAW: m("Withdraw")},
        ),
    ]
    reason: Reason
