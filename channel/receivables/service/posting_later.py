"""Documents whose days lie in closed months: what is kept of them while they wait, and how they are posted then."""

import hashlib
from collections.abc import Sequence

import msgspec

from channel.access.rules import Right
from channel.codes import code_key
from channel.receivables.acts.documents import OneOfMany, PartGiven, PostLater, WholeDocumentGiven
from channel.receivables.queries.writing import NewDocument
from channel.receivables.rules.documents import Discount, Document, DocumentKind, DocumentLine, Instalment
from channel.receivables.service.ledger_acts import LedgerAct, Prepared
from channel.receivables.service.posting import (
    POST,
    Given,
    Posted,
    dealers_named,
    look_at,
    numbered,
    subject_of,
    trail_lines,
    write,
)


async def given_by(acts: Sequence[WholeDocumentGiven]) -> list[Given]:
    """The documents that acts give, each in the dealer's currency where it names none."""
    dealers = await dealers_named(each.dealer for each in acts)
    return [
        Given(each.dealer, document_given(each, dealers[each.dealer]["currency"]), each.remark, each.payer_account)
        for each in acts
    ]


def document_given(act: WholeDocumentGiven, currency: str) -> Document:
    """The document that an act gives, in the dealer's currency where it names none."""
    own = [Instalment(each.due_on, each.amount) for each in act.parts()]
    if act.due_on is not None:
        own = [Instalment(act.due_on, act.amount)]
    rate, until = act.discount_rate, act.discount_until
    return Document(
        DocumentKind(act.kind),
        act.number,
        act.currency or currency,
        act.amount,
        act.effective_on,
        tax=act.tax,
        instalments=tuple(own),
        references=tuple(dict.fromkeys(act.references)),
        discount=None if rate is None or until is None else Discount(rate, until),
        matures_on=act.matures_on,
        value_on=act.value_on,
        stays_on_account=act.stays_on_account,
        lines=tuple(DocumentLine(each.product_line, each.amount) for each in act.product_lines()),
    )


def kept_of(posted: Posted, acts: Sequence[WholeDocumentGiven], reason: str) -> PostLater:
    """What waits: with currencies and due days filled in, so that nothing else is posted than what was asked for."""
    documents = [
        _filled(act, each, posted.dealers[each.dealer_id]) for act, each in zip(acts, posted.documents, strict=True)
    ]
    return PostLater(documents=documents, ask=True, reason=reason)


def _filled(act: WholeDocumentGiven, new: NewDocument, dealer: str) -> OneOfMany:
    told = {name: getattr(act, name) for name in OneOfMany.__struct_fields__}
    told |= {"dealer": dealer, "currency": new.document.currency}
    if new.document.kind.is_owed:
        parts = [PartGiven(each.due_on, each.amount) for each in new.document.instalments]
        told |= {"due_on": None, "instalments": parts}
    return OneOfMany(**told)


def prepared_of(posted: Posted, kept: PostLater) -> Prepared[PostLater]:
    """Posting as it was looked at: the whole of it in one act, told document by document."""

    async def carry_out(posting_id: int) -> None:
        # A second person has approved it, or the months are open by now.
        await write(await numbered(posted.documents), posting_id, confirmed=True)

    first = posted.documents[0]
    after: dict[str, object] = {"documents": len(posted.documents), "allocations": _count(posted)}
    if len(posted.documents) == 1:
        after = {"amount": first.document.amount, "currency": first.document.currency, "allocations": _count(posted)}
    return Prepared(
        kept,
        subject_of(first.document),
        tuple(each.document.effective_on for each in posted.documents),
        carry_out,
        after=after,
        others=tuple(sorted({each.dealer_id for each in posted.documents} - {first.dealer_id})),
        lines=trail_lines(posted.documents, kept.reason),
    )


def _count(posted: Posted) -> int:
    return sum(len(each.allocations) for each in posted.planned)


async def _prepare(_login: str, _dealer_id: int, _target: int, act: PostLater) -> Prepared[PostLater]:
    return prepared_of(await look_at(await given_by(act.documents)), act)


def _about(_target: int, act: PostLater) -> str:
    numbers = sorted((each.dealer, each.kind.value, code_key(each.number)) for each in act.documents)
    return f"post {hashlib.sha256(msgspec.json.encode(numbers)).hexdigest()[:32]}"


POST_LATER = LedgerAct(POST, Right.POST_DOCUMENTS, PostLater, _prepare, _about)
"""Posting, where a second person decides: the request is the first document's dealer's."""
