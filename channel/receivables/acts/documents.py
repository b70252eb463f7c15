"""The acts on documents: their bodies, said once for JSON, forms, the command line and the service."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated

import msgspec

from channel.acts import Act, Said, day_fault
from channel.codes import LONGEST, plain_code
from channel.dealers.rules import read_currency
from channel.errors import FieldError, Invalid, Message, m
from channel.money import parse_decimal
from channel.receivables.acts.asking import Ask, MayWait, ReasonToAsk, lacking_reason
from channel.receivables.rules.choices import POSTED_NAMES
from channel.receivables.rules.documents import DocumentKind, PostedKind

MOST_IN_A_BATCH = 1000
MOST_PARTS = 120
"""The most instalments, lines and references of one document."""
_LONGEST_ACCOUNT = 60


class ReverseDocument(MayWait, frozen=True, kw_only=True):
    """Take a document back whole, with everything that it settles or that settles it."""

    effective_on: Annotated[
        date | None, Said(m("From"), hint=m("The document's own day, unless a later one is given."), option="--on")
    ] = None


class PartGiven(msgspec.Struct, frozen=True):
    """An instalment: when it falls due and how much it is."""

    due_on: date
    amount: Decimal


class LineGiven(msgspec.Struct, frozen=True):
    """What of a document belongs to a product line, with tax; below 0 where it takes something off."""

    product_line: str
    amount: Decimal


class DocumentGiven(Act, frozen=True, kw_only=True):
    """What every face is told of a document; amounts are with tax, in its currency (the dealer's, if not given).

    What is owed falls due on `due_on`, or in instalments, or by the dealer's terms in effect on its day. `tax` is the
    part of the amount that is tax, null where it is not told. What pays settles the `references` that it names first.
    A bill matures on `matures_on`. `value_on` is the day on which the bank had the money, where that is before
    `effective_on`: lateness and discounts go by it. A credit note that `stays_on_account` pays nothing by itself.
    """

    dealer: Annotated[str, Said(m("Dealer"), hint=m("The dealer's code."), longest=LONGEST, read=plain_code)]
    kind: Annotated[PostedKind, Said(m("Kind"), choices=POSTED_NAMES)]
    number: Annotated[str, Said(m("Number"), longest=LONGEST, read=plain_code)]
    effective_on: Annotated[date, Said(m("Day"), hint=m("From this day on it is in the books."), option="--on")]
    amount: Annotated[Decimal, Said(m("Amount with tax"))]
    tax: Annotated[Decimal | None, Said(m("Tax in it"))] = None
    currency: Annotated[str | None, Said(m("Currency"), hint=m("The dealer's, if not given."), read=read_currency)] = (
        None
    )
    due_on: Annotated[
        date | None, Said(m("Due on"), hint=m("Of what is owed; by the dealer's terms, if not given."), option="--due")
    ] = None
    references: Annotated[
        list[str],
        Said(
            m("Numbers that it names"),
            hint=m("What it pays before anything else; several are separated by semicolons."),
            parted=";",
            option="--reference",
        ),
    ] = msgspec.field(default_factory=list)
    discount_rate: Annotated[
        Decimal | None, Said(m("Settlement discount"), hint=m("A fraction: 0.02 is 2%."), option="--discount-rate")
    ] = None
    discount_until: Annotated[
        date | None,
        Said(m("Discount until"), hint=m("The last day on which the money earns it."), option="--discount-until"),
    ] = None
    matures_on: Annotated[date | None, Said(m("Matures on"), hint=m("Of a bill."), option="--matures")] = None
    value_on: Annotated[
        date | None, Said(m("The bank had it on"), hint=m("Where that is before its day."), option="--value")
    ] = None
    payer_account: Annotated[str | None, Said(m("Account of the payer"), longest=_LONGEST_ACCOUNT)] = None
    stays_on_account: Annotated[bool, Said(m("A credit note that stays on account"), option="--stays-on-account")] = (
        False
    )
    remark: Annotated[str | None, Said(m("Text"))] = None

    def parts(self) -> list[PartGiven]:
        """The instalments with their own days, in the order given."""
        return []

    def product_lines(self) -> list[LineGiven]:
        """What belongs to which product line."""
        return []

    def between(self) -> Iterable[FieldError]:
        """What one field says another does not deny; what must hold of documents the rules say (`check_document`)."""
        if (self.discount_rate is None) != (self.discount_until is None):
            lacking = "discount_until" if self.discount_until is None else "discount_rate"
            yield FieldError(lacking, m("A settlement discount has a rate and a last day."))
        if self.due_on is not None and self.parts():
            yield FieldError("due_on", m("It falls due on one day or in instalments."))
        yield from self._too_many()
        for each in self.references:
            if not each.isprintable() or len(plain_code(each)) > LONGEST:
                wrong = m("%(value)s is not a number of a document.", value=each[:LONGEST])
                yield FieldError("references", wrong, m("At most %(most)s printable characters", most=LONGEST))

    def _too_many(self) -> Iterator[FieldError]:
        counts = {
            "references": len(self.references), "instalments": len(self.parts()), "lines": len(self.product_lines()),
        }  # fmt: skip
        for name, count in counts.items():
            if count > MOST_PARTS:
                yield FieldError(name, m("There are too many."), m("at most %(most)s", most=MOST_PARTS))


class WholeDocumentGiven(DocumentGiven, frozen=True, kw_only=True):
    """A document with its parts as JSON has them."""

    instalments: Annotated[list[PartGiven], Said(m("Instalments"))] = msgspec.field(default_factory=list)
    lines: Annotated[list[LineGiven], Said(m("By product line"))] = msgspec.field(default_factory=list)

    def parts(self) -> list[PartGiven]:
        """The instalments."""
        return self.instalments

    def product_lines(self) -> list[LineGiven]:
        """The lines."""
        return self.lines

    def between(self) -> Iterable[FieldError]:
        """The days of its parts are days of business, too."""
        yield from super().between()
        faults = (day_fault("instalments", each.due_on) for each in self.instalments)
        yield from (each for each in faults if each is not None)


class PostDocument(WholeDocumentGiven, frozen=True, kw_only=True):
    """A document to be posted; what it pays, and what pays it, is allocated in the same act.

    Where its day lies in a closed month it is refused, unless it says `ask`: then it waits for a second person.
    """

    ask: Ask = False
    reason: ReasonToAsk = None

    def between(self) -> Iterable[FieldError]:
        """Who asks says why."""
        yield from super().between()
        yield from lacking_reason(ask=self.ask, reason=self.reason)


class OneOfMany(WholeDocumentGiven, frozen=True, kw_only=True):
    """A document among others: it is checked when all are at hand, so that what is wrong names its place."""

    def __post_init__(self) -> None:
        """Left to `PostDocuments`."""


class PostDocuments(Act, frozen=True, kw_only=True):
    """Documents to be posted, at most 1,000: all of them or none.

    Where the day of any lies in a closed month they are refused, unless the act says `ask`: then they wait for a second
    person as one.
    """

    documents: Annotated[list[OneOfMany], Said(m("Documents"))]
    ask: Ask = False
    reason: ReasonToAsk = None

    def between(self) -> Iterable[FieldError]:
        """There are some, no more than go in one act, and each is right by itself."""
        yield from lacking_reason(ask=self.ask, reason=self.reason)
        if not 1 <= len(self.documents) <= MOST_IN_A_BATCH:
            expected = m("from %(low)s to %(high)s", low=1, high=MOST_IN_A_BATCH)
            yield FieldError("documents", m("So many documents do not go in one act."), expected)
            return
        for place, each in enumerate(self.documents):
            try:
                WholeDocumentGiven.__post_init__(each)
            except Invalid as refused:
                for error in refused.errors:
                    yield FieldError(f"documents.{place}.{error.field}", error.reason, error.expected)


class PostLater(MayWait, frozen=True, kw_only=True):
    """Documents as they wait for a second person: checked, in their currencies and with their due days."""

    documents: Annotated[list[OneOfMany], Said(m("Documents"))]


_OWED = frozenset(each for each in PostedKind if DocumentKind(each).is_owed)
_OF_SOME: Mapping[str, frozenset[PostedKind]] = MappingProxyType(
    {
        **dict.fromkeys(("due_on", "instalments", "discount_rate", "discount_until"), _OWED),
        **dict.fromkeys(("value_on", "payer_account"), frozenset(PostedKind) - _OWED),
        "matures_on": frozenset({PostedKind.BILL}),
        "stays_on_account": frozenset({PostedKind.CREDIT_NOTE}),
    }
)


def not_asked_of(kind: PostedKind) -> tuple[str, ...]:
    """The fields of a form that a document of this kind cannot have: the rules refuse them there."""
    return tuple(name for name, kinds in _OF_SOME.items() if kind not in kinds)


A_PART: Message = m("A day and an amount such as 2013-01-31=500")
_LINE: Message = m("A product line and an amount such as ROAD=500")


class DocumentForm(DocumentGiven, frozen=True, kw_only=True):
    """The same as a form has it; `mark` is that of the preview which was looked at.

    That preview says whether it has to wait, and the form `ask`s then.
    """

    instalments: Annotated[
        list[str],
        Said(
            m("Instalments"),
            hint=m("Instead of one due day, such as 2013-01-31=500; 2013-02-28=500"),
            parted=";",
        ),
    ] = msgspec.field(default_factory=list)
    lines: Annotated[
        list[str], Said(m("By product line"), hint=m("Not needed; such as ROAD=300; TOURING=200"), parted=";")
    ] = msgspec.field(default_factory=list)
    mark: Annotated[str, Said(m("Mark of the preview"))] = ""
    ask: Ask = False
    reason: ReasonToAsk = None

    def parts(self) -> list[PartGiven]:
        """The instalments; what is none is told by `between`."""
        return [each for text in self.instalments if (each := read_part(text)) is not None]

    def product_lines(self) -> list[LineGiven]:
        """The lines; what is none is told by `between`."""
        return [each for text in self.lines if (each := _line(text)) is not None]

    def between(self) -> Iterable[FieldError]:
        """Every instalment and every line can be read."""
        yield from super().between()
        yield from lacking_reason(ask=self.ask, reason=self.reason)
        for name, read, expected in (("instalments", read_part, A_PART), ("lines", _line, _LINE)):
            for text in getattr(self, name):
                if read(text) is None:
                    yield FieldError(name, m("%(value)s cannot be read.", value=text[:LONGEST]), expected)
        faults = (day_fault("instalments", each.due_on) for each in self.parts())
        yield from (each for each in faults if each is not None)

    def as_json(self) -> PostDocument:
        """The same as the service is given it."""
        shared = {name: getattr(self, name) for name in DocumentGiven.__struct_fields__}
        return PostDocument(**shared, instalments=self.parts(), lines=self.product_lines())


def _amount_of(text: str) -> tuple[str, Decimal] | None:
    """What stands before the last sign of equality, and the amount behind it."""
    name, sign, amount = text.rpartition("=")
    with suppress(ValueError):
        return (name.strip(), parse_decimal(amount)) if sign and name.strip() else None
    return None


def read_part(text: str) -> PartGiven | None:
    """What is written as `2013-01-31=500`; None where it is not."""
    read = _amount_of(text)
    with suppress(ValueError):
        return None if read is None else PartGiven(date.fromisoformat(read[0]), read[1])
    return None


def _line(text: str) -> LineGiven | None:
    read = _amount_of(text)
    return None if read is None else LineGiven(*read)
