"""The acts on disputes: their bodies."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Annotated

from channel.access.rules.signing_in import LONGEST_LOGIN, plain_login
from channel.acts import Act, Reason, Said
from channel.codes import LONGEST, plain_code
from channel.errors import FieldError, m
from channel.receivables.rules.disputes import OUTCOME_NAMES, REASON_NAMES, DisputeReason, Outcome
from channel.receivables.rules.documents import LARGEST_AMOUNT

_OWNER = Said(
    m("Owner"),
    hint=m("The sign-in name of whoever answers for it; he must be able to see the dealer."),
    longest=LONGEST_LOGIN,
    read=plain_login,
)


class OpenDispute(Act, frozen=True, kw_only=True):
    """A dealer contests so much of a document, from today unless a day before is given; that part is not collected."""

    document: Annotated[int, Said(m("Document"), hint=m("Its number in the ledger."), low=1)]
    amount: Annotated[Decimal, Said(m("Amount disputed"), low=0, high=LARGEST_AMOUNT - 1)]
    reason_code: Annotated[DisputeReason, Said(m("Why it is disputed"), choices=REASON_NAMES)]
    owner: Annotated[str, _OWNER]
    due_on: Annotated[date, Said(m("To be answered by"), option="--due")]
    effective_on: Annotated[
        date | None, Said(m("Disputed from"), hint=m("Today, unless another day is given."), option="--on")
    ] = None
    remark: Annotated[str | None, Said(m("Remark"), note=True)] = None


class HandOnDispute(Act, frozen=True, kw_only=True):
    """Another answers for it, by the same day unless another is given."""

    owner: Annotated[str, _OWNER]
    due_on: Annotated[
        date | None,
        Said(m("To be answered by"), hint=m("As before, unless another day is given."), option="--due"),
    ] = None
    reason: Reason


class EndDispute(Act, frozen=True, kw_only=True):
    """How it ended, from today unless a day before is given."""

    outcome: Annotated[Outcome, Said(m("How it ended"), choices=OUTCOME_NAMES)]
    credit_note: Annotated[
        str | None,
        Said(
            m("Credit note"),
            hint=m("Its number, where one stands for what was disputed."),
            longest=LONGEST,
            read=plain_code,
        ),
    ] = None
    effective_on: Annotated[
        date | None, Said(m("Ended on"), hint=m("Today, unless another day is given."), option="--on")
    ] = None
    reason: Reason

    def between(self) -> Iterable[FieldError]:
        """What is credited names the credit note, and nothing else does."""
        if self.outcome is Outcome.CREDITED and self.credit_note is None:
            yield FieldError("credit_note", m("What is credited names its credit note."))
        if self.outcome is not Outcome.CREDITED and self.credit_note is not None:
            yield FieldError("credit_note", m("Only what is credited has a credit note."))
