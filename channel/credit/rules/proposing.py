"""What becomes of a computed limit where a proposal is open already, or was refused."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from channel.credit.rules.diff import LimitDiff


class Fate(StrEnum):
    """Proposed where nothing is open; an open proposal is kept where it says the same, and replaced otherwise."""

    PROPOSED = "proposed"
    KEPT = "kept"
    REPLACES = "replaces"
    STAYS_REFUSED = "stays refused"


@dataclass(frozen=True, slots=True)
class Wish:
    """A limit that is proposed, under a policy and against the limit that was in force then (None: none)."""

    amount: Decimal | None
    currency: str
    policy_version: int | None
    before: Decimal | None
    to_on: date | None = None


def fate_of(wanted: Wish, standing: Wish | None, today: date, *, refused: bool) -> Fate:
    """What becomes of a computed limit. `refused`: the same was refused last, on the same figures.

    An open proposal stays, with its votes, where it is for the same amount under the same policy and could still come
    into force: the limit in force is the one that it was proposed against, and its validity is not over.
    """
    if standing is not None and _says_the_same(wanted, standing) and (standing.to_on is None or standing.to_on > today):
        return Fate.KEPT
    if refused:
        return Fate.STAYS_REFUSED
    return Fate.PROPOSED if standing is None else Fate.REPLACES


def _says_the_same(wanted: Wish, standing: Wish) -> bool:
    return (wanted.amount, wanted.currency, wanted.policy_version, wanted.before) == (
        standing.amount, standing.currency, standing.policy_version, standing.before,
    )  # fmt: skip


def rests_on_the_same(diff: LimitDiff) -> bool:
    """Whether nothing has changed between two decisions, on whatever day each was made: no cause has a part."""
    return diff.withheld is None and all(part.amount == 0 for part in diff.parts)
