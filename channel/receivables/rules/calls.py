"""The call list of a day: whom to call about what is overdue, in which order, and who is left out and why.

How urgent a call is, is money: what is to be collected, counted once more for each so many days (`age_days`) that the
oldest of it is overdue, and raised by each promise that was broken and by silence. With what is to be collected C, days
overdue D, promises broken in twelve months B:

    urgency = C x (1 + D / age_days) x (1 + broken_weight x B) x (1 + silent_weight, where nobody was reached for long)

rounded to whole units of the currency, halves up.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from channel.errors import m
from channel.money import round_half_away
from channel.receivables.rules.documents import EXACT
from channel.versions.rules import Holds, spec

_ONE = Decimal(1)
_MOST_DAYS = 3_660
BROKEN_WITHIN_MONTHS = 12
"""Promises broken in so many months up to the day are counted."""
CLAIM_LASTS = timedelta(minutes=15)
"""So long a dealer belongs to whoever opened the call, unless he goes on before."""


class LeftOut(StrEnum):
    """Why a dealer with something overdue is not called: the first that holds, in this order."""

    DISPUTED = "disputed"
    SMALL = "small"
    YOUNG = "young"
    PROMISED = "promised"
    CONTACTED = "contacted"


@dataclass(frozen=True, slots=True)
class CallRules:
    """Who is called, and what makes a call urgent."""

    least_amount: Decimal = spec(
        m("Least amount to collect"), Holds.NUMBER, Decimal(1), low=0, high=10**13,
        hint=m("Of less nobody is called: in the company's currency, or in its own where that has no rate."),
    )  # fmt: skip
    least_days: int = spec(m("Least days overdue"), Holds.WHOLE, 1, low=1, high=_MOST_DAYS)
    age_days: int = spec(
        m("Days of age that count once more"), Holds.WHOLE, 30, low=1, high=_MOST_DAYS,
        hint=m("For each so many days that the oldest item is overdue, what is to be collected counts once more."),
    )  # fmt: skip
    broken_weight: Decimal = spec(
        m("Weight of a broken promise"), Holds.NUMBER, Decimal("0.5"), low=0, high=10,
        hint=m("Each promise that was broken in twelve months adds this part."),
    )  # fmt: skip
    silent_days: int = spec(
        m("Days without contact"), Holds.WHOLE, 14, low=0, high=_MOST_DAYS,
        hint=m("Nobody was reached for more than so many days, or ever."),
    )  # fmt: skip
    silent_weight: Decimal = spec(
        m("Weight of silence"), Holds.NUMBER, Decimal("0.25"), low=0, high=10,
        hint=m("Adds this part where nobody was reached for so long."),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Owing:
    """What a dealer owes overdue in one currency, and what came of asking for it.

    `overdue` is that of the ageing, `disputed` the part of it that is disputed, `oldest_due_on` the first due day of
    what is not wholly disputed (None where all is). `last_contact_on` is when somebody was reached last, `tried` says
    that today nobody was. `promised_on` is the first day for which an outstanding promise is.
    """

    dealer_id: int
    code: str
    name: str
    currency: str
    overdue: Decimal
    disputed: Decimal
    oldest_due_on: date | None
    broken: int = 0
    last_contact_on: date | None = None
    tried: bool = False
    promised_on: date | None = None
    claimed_by: str | None = None
    claimed_at: datetime | None = None
    mine: bool = False
    territory: str | None = None
    territory_name: str | None = None

    @property
    def to_collect(self) -> Decimal:
        """What is overdue and not disputed."""
        return EXACT.subtract(self.overdue, self.disputed)


@dataclass(frozen=True, slots=True)
class Call:
    """A dealer and currency of the list: how old and how urgent, and why it is left out where it is."""

    owing: Owing
    days_overdue: int
    urgency: Decimal
    left_out: LeftOut | None

    @property
    def key(self) -> str:
        """What no two rows share."""
        return f"{self.owing.code} {self.owing.currency}"


def compute_calls(owing: Iterable[Owing], rules: CallRules, today: date) -> tuple[Call, ...]:
    """All of them, the most urgent first, those that are left out among them."""
    found = (_call(each, rules, today) for each in owing)
    return tuple(sorted(found, key=lambda call: (-call.urgency, call.key)))


def count_left_out(calls: Iterable[Call]) -> Mapping[LeftOut, int]:
    """How many are left out for what, in the order of the reasons."""
    counted = Counter(call.left_out for call in calls)
    return {why: counted[why] for why in LeftOut if counted[why]}


def _call(owing: Owing, rules: CallRules, today: date) -> Call:
    days = 0 if owing.oldest_due_on is None else (today - owing.oldest_due_on).days
    return Call(owing, days, _urgency(owing, days, rules, today), _left_out(owing, days, rules, today))


def _urgency(owing: Owing, days: int, rules: CallRules, today: date) -> Decimal:
    silent = owing.last_contact_on is None or (today - owing.last_contact_on).days > rules.silent_days
    broken = EXACT.add(_ONE, EXACT.multiply(rules.broken_weight, Decimal(owing.broken)))
    raised = EXACT.multiply(broken, EXACT.add(_ONE, rules.silent_weight) if silent else _ONE)
    aged = EXACT.multiply(owing.to_collect, Decimal(rules.age_days + days))
    return round_half_away(EXACT.divide(EXACT.multiply(aged, raised), Decimal(rules.age_days)), 0)


def _left_out(owing: Owing, days: int, rules: CallRules, today: date) -> LeftOut | None:
    if owing.to_collect <= 0:
        return LeftOut.DISPUTED
    if owing.to_collect < rules.least_amount:
        return LeftOut.SMALL
    if days < rules.least_days:
        return LeftOut.YOUNG
    if owing.promised_on is not None and owing.promised_on >= today:
        return LeftOut.PROMISED
    return LeftOut.CONTACTED if owing.last_contact_on == today else None


def following(calls: Sequence[Call], code: str | None, *, back: bool = False) -> list[str]:
    """Whom to call after a dealer, in order, each once: who comes behind him, or before him, and is not left out.

    Where he is not in the list, or nobody was called yet, all of them; nobody is taken whom somebody else is calling.
    """
    ordered = list(reversed(calls)) if back else list(calls)
    places = [place for place, call in enumerate(ordered) if call.owing.code == code]
    behind = ordered[places[0] + 1 :] if places else ordered
    free = (call for call in behind if call.left_out is None and (call.owing.claimed_by is None or call.owing.mine))
    return list(dict.fromkeys(call.owing.code for call in free if call.owing.code != code))
