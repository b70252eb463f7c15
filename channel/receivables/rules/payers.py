"""For whom money may be whose payer is not known: proposals with their reasons, the strongest first.

A bank line without a dealer is kept apart. What speaks for a dealer is, in this order: its text names a number of an
open item of his; it came from an account that he has paid from; its amount is that of one of his open items.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

import msgspec

from channel.codes import LONGEST, code_key

SHORTEST_NAMED = 3
"""Shorter numbers are not looked for in a text: they are days and counts as well."""


class Ground(StrEnum):
    """What speaks for a dealer; the first is the strongest."""

    NUMBER = "number"
    ACCOUNT = "account"
    AMOUNT = "amount"


class UnknownMoney(msgspec.Struct, frozen=True, gc=False):
    """Money of the bank without a dealer: its text as the bank gives it, and the account it came from, if told."""

    amount: Decimal
    currency: str
    text: str
    account: str | None = None


class OwedItem(msgspec.Struct, frozen=True, gc=False):
    """An open item of any dealer, as far as money may be known by it."""

    dealer_id: int
    number: str
    currency: str
    open: Decimal


class Reason(msgspec.Struct, frozen=True, gc=False):
    """One thing that speaks for a dealer: the number named, the account, or the number of the item that fits.

    `shared_by` is how many dealers it speaks for; what speaks for many says little.
    """

    ground: Ground
    what: str
    shared_by: int


class PayerProposal(msgspec.Struct, frozen=True, gc=False):
    """A dealer for whom the money may be, with everything that speaks for him, the strongest first."""

    dealer_id: int
    reasons: tuple[Reason, ...]


@dataclass(slots=True)
class KnownBy:
    """Open items and accounts as they are looked up for many bank lines: by number, by amount, by account."""

    by_number: dict[str, list[OwedItem]] = field(default_factory=dict)
    by_amount: dict[tuple[str, Decimal], list[OwedItem]] = field(default_factory=dict)
    by_account: dict[str, set[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, items: Iterable[OwedItem], accounts: Iterable[tuple[str, int]]) -> "KnownBy":
        """From the open items, and pairs of an account and a dealer who paid from it before."""
        known = cls()
        for item in items:
            known.by_number.setdefault(code_key(item.number), []).append(item)
            known.by_amount.setdefault((item.currency, item.open), []).append(item)
        for account, dealer_id in accounts:
            known.by_account.setdefault(account_key(account), set()).add(dealer_id)
        return known


def account_key(account: str) -> str:
    """What two ways of writing one account share: its letters and digits."""
    return "".join(each for each in unicodedata.normalize("NFKC", account) if each.isalnum()).upper()


def propose_payers(money: UnknownMoney, known: KnownBy) -> tuple[PayerProposal, ...]:
    """Every dealer for whom anything speaks.

    First whom more speaks for: a number before an account before an amount, then what is shared by fewer, then the
    lower id.
    """
    reasons: dict[int, list[Reason]] = {}
    for ground, found in _found(money, known):
        dealers = {dealer_id for dealer_id, _ in found}
        for dealer_id, what in found:
            reasons.setdefault(dealer_id, []).append(Reason(ground, what, len(dealers)))
    proposals = [PayerProposal(dealer_id, tuple(each)) for dealer_id, each in reasons.items()]
    return tuple(sorted(proposals, key=_strength))


def _strength(proposal: PayerProposal) -> tuple[tuple[bool, ...], int, int]:
    grounds = {reason.ground for reason in proposal.reasons}
    fewest = min(reason.shared_by for reason in proposal.reasons)
    return tuple(ground not in grounds for ground in Ground), fewest, proposal.dealer_id


def _found(money: UnknownMoney, known: KnownBy) -> Iterator[tuple[Ground, list[tuple[int, str]]]]:
    """What speaks for dealers, each with all of its dealers: one number, the account, the amount."""
    for number in numbers_in(money.text, known.by_number.keys()):
        named = {(item.dealer_id, item.number) for item in known.by_number[number] if item.currency == money.currency}
        yield Ground.NUMBER, sorted(named)
    if money.account is not None:
        yield (
            Ground.ACCOUNT,
            [(dealer, money.account) for dealer in known.by_account.get(account_key(money.account), ())],
        )
    fitting: dict[int, str] = {}
    for item in known.by_amount.get((money.currency, money.amount), ()):
        fitting[item.dealer_id] = min(item.number, fitting.get(item.dealer_id, item.number))
    yield Ground.AMOUNT, sorted(fitting.items())


def numbers_in(text: str, known: AbstractSet[str]) -> tuple[str, ...]:
    """The keys (`code_key`) of known numbers that stand in a text, in the order in which they begin.

    A number stands there when no letter or digit of its own script goes on where it begins or ends: `INV12` is not in
    `INV123`, and is in `货款INV12谢谢`. A number within a longer one that stands there is not meant.
    """
    plain = code_key(text)
    edges = [
        place for place in range(len(plain) + 1) if not _goes_on(plain[place - 1 : place], plain[place : place + 1])
    ]
    found: list[str] = []
    end_of_last = 0
    for begin in edges:
        if begin < end_of_last:
            continue
        for end in reversed([each for each in edges if begin + SHORTEST_NAMED <= each <= begin + LONGEST]):
            if plain[begin:end] in known:
                found.append(plain[begin:end])
                end_of_last = end
                break
    return tuple(dict.fromkeys(found))


def _goes_on(before: str, after: str) -> bool:
    """Whether one word goes on between two characters: both are letters or digits of the Latin kind."""
    return before.isascii() and before.isalnum() and after.isascii() and after.isalnum()
