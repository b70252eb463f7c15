"""Disputes: what of a document a dealer contests, how much of that counts on a day, and what may be contested."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from channel.errors import FieldError, Message, m
from channel.money import digits_of, exact_text, round_half_away
from channel.receivables.rules.documents import EXACT, Document
from channel.receivables.rules.movements import ItemKey
from channel.view import View

_ZERO = Decimal(0)


class DisputeReason(StrEnum):
    """Why something is contested; the table `dispute_reason` holds the same list."""

    PRICE = "price"
    QUANTITY = "quantity"
    QUALITY = "quality"
    DELIVERY = "delivery"
    RETURN = "return"
    PROMISED = "promised"
    DOCUMENT = "document"
    OTHER = "other"


REASON_NAMES: Mapping[DisputeReason, Message] = MappingProxyType(
    {
        DisputeReason.PRICE: m("Price"),
        DisputeReason.QUANTITY: m("Quantity"),
        DisputeReason.QUALITY: m("Quality"),
        DisputeReason.DELIVERY: m("Delivery"),
        DisputeReason.RETURN: m("Return of goods"),
        DisputeReason.PROMISED: m("Promised discount or rebate"),
        DisputeReason.DOCUMENT: m("Wrong document"),
        DisputeReason.OTHER: m("Other"),
    }
)


class Outcome(StrEnum):
    """How people end a dispute: a credit note stands for it, the dealer pays, or it is not accepted."""

    CREDITED = "credited"
    AGREED = "agreed"
    REFUSED = "refused"


OUTCOME_NAMES: Mapping[Outcome, Message] = MappingProxyType(
    {
        Outcome.CREDITED: m("credited"),
        Outcome.AGREED: m("agreed: the dealer pays"),
        Outcome.REFUSED: m("refused: we do not accept it"),
    }
)


class DisputeState(StrEnum):
    """Open, or how it ended; `reversed` where its document was."""

    OPEN = "open"
    CREDITED = "credited"
    AGREED = "agreed"
    REFUSED = "refused"
    REVERSED = "reversed"


STATE_NAMES: Mapping[DisputeState, Message] = MappingProxyType(
    {
        DisputeState.OPEN: m("not ended"),
        DisputeState.CREDITED: m("credited"),
        DisputeState.AGREED: m("agreed"),
        DisputeState.REFUSED: m("refused"),
        DisputeState.REVERSED: m("document reversed"),
    }
)


@dataclass(frozen=True, slots=True)
class Dispute:
    """So much of a document contested from a day on, and until one where it has ended; each since it was recorded."""

    document_id: int
    amount: Decimal
    opened_on: date
    recorded_at: datetime
    ended_on: date | None = None
    end_recorded_at: datetime | None = None

    def counts(self, view: View) -> bool:
        """Whether it was open on the view's day as known at its moment; on the day of its end it is not any more."""
        if self.opened_on > view.as_of or self.recorded_at > view.known_at:
            return False
        ended = self.ended_on is not None and self.ended_on <= view.as_of
        return not (ended and self.end_recorded_at is not None and self.end_recorded_at <= view.known_at)


def disputed_items(
    standing: Mapping[ItemKey, Decimal], disputes: Iterable[Dispute], view: View
) -> dict[ItemKey, Decimal]:
    """What of each open item was disputed in a view: the first instalments first, and never more than is open of them.

    What is paid of a document pays what nobody contests before what is contested.
    """
    left: dict[int, Decimal] = {}
    for each in disputes:
        if each.counts(view):
            left[each.document_id] = EXACT.add(left.get(each.document_id, _ZERO), each.amount)
    found = {}
    for key in sorted(standing, key=lambda item: (item.document_id, item.instalment)):
        part = min(standing[key], left.get(key.document_id, _ZERO))
        if part > 0:
            found[key] = part
            left[key.document_id] = EXACT.subtract(left[key.document_id], part)
    return found


def refused_dispute(
    document: Document, amount: Decimal, on: date, due_on: date, free: Decimal, today: date
) -> tuple[FieldError, ...]:
    """What is wrong with contesting so much of a document from a day on; nothing where it can be.

    `free` is what of the document is open on the day and not disputed already.
    """
    if not document.kind.is_owed:
        return (FieldError("document", m("Only an invoice or a debit note is disputed.")),)
    return (*_amount_faults(document, amount, free), *_day_faults(document, on, due_on, today))


def _amount_faults(document: Document, amount: Decimal, free: Decimal) -> Iterator[FieldError]:
    digits = digits_of(document.currency)
    if amount <= 0 or amount != round_half_away(amount, digits):
        yield FieldError(
            "amount",
            m("The amount has more decimals than its currency."),
            m("An amount above 0 with at most %(digits)s decimals", digits=digits),
        )
    elif free <= 0:
        yield FieldError("amount", m("Nothing of the document is open on that day that is not disputed already."))
    elif amount > free:
        yield FieldError(
            "amount",
            m("So much of the document is not open, or is disputed already."),
            m("at most %(most)s", most=exact_text(free, document.currency)),
        )


def _day_faults(document: Document, on: date, due_on: date, today: date) -> Iterator[FieldError]:
    if on > today:
        yield FieldError("effective_on", m("Nothing takes effect after today."), m("a day up to today"))
    elif on < document.effective_on:
        yield FieldError(
            "effective_on", m("The document is not there yet."), m("from %(on)s on", on=document.effective_on)
        )
    if due_on < on:
        yield FieldError("due_on", m("It cannot be answered before it is disputed."), m("from %(on)s on", on=on))


def refused_end(opened_on: date, on: date, today: date, credit_note: Document | None) -> tuple[FieldError, ...]:
    """What is wrong with ending a dispute on a day, with a credit note or without."""
    if on > today:
        return (FieldError("effective_on", m("Nothing takes effect after today."), m("a day up to today")),)
    first = opened_on if credit_note is None else max(opened_on, credit_note.effective_on)
    if on >= first:
        return ()
    late = m("The dispute is not there yet.") if first == opened_on else m("The credit note is not there yet.")
    return (FieldError("effective_on", late, m("from %(on)s on", on=first)),)
