"""The acts of the room `credit`."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated

import msgspec

from channel.acts import LONGEST_TEXT, Act, Reason, Said, Why
from channel.credit.file_kinds import FIGURES
from channel.credit.rules.choices import CAUSE_NAMES, FACT_NAMES, KIND_NAMES
from channel.dealers.rules import read_currency
from channel.errors import FieldError, m
from channel.money import STORED_PLACES
from channel.view import KNOWN_SAID

_MOST = Decimal(10) ** 15
"""What no amount of a limit reaches."""


class AssessLimits(Act, frozen=True, kw_only=True):
    """Whose limits to compute: one dealer's, those of a territory, or all; as of a day as known at a moment.

    Of a territory and of all those dealers are taken who are active or on hold on the day; one who is named and is
    neither is withheld, with his status as the reason. Where `propose` would replace open proposals, nothing at all is
    done, and the refusal (409) names those that somebody has approved and gives the mark that `confirmed` must carry.
    `again` proposes also what was refused on the same figures.
    """

    as_of: Annotated[date | None, Said(m("As of"), hint=m("Complete months before this day count."))] = None
    known_at: Annotated[str | None, msgspec.Meta(description=KNOWN_SAID), Said(m("As known at"))] = None
    dealer: Annotated[
        str | None,
        Said(m("Only this dealer"), hint=m("The dealer's code; empty for all that are active or on hold.")),
    ] = None
    territory: Annotated[str | None, Said(m("Only below this territory"))] = None
    propose: Annotated[bool, Said(m("Propose the limits that differ from those in force"))] = False
    again: Annotated[bool, Said(m("Propose also what was refused on the same figures"))] = False
    confirmed: Annotated[str, Said(m("Mark of what would be replaced"))] = ""
    reason: Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT), Said(m("Reason"))] = ""

    def between(self) -> Iterable[FieldError]:
        """One dealer, a territory, or all."""
        if self.dealer is not None and self.territory is not None:
            yield FieldError("territory", m("Either one dealer or a territory is assessed."))


class ProposeLimit(Act, frozen=True, kw_only=True):
    """A limit (`base`), a raise on top of it for a time (`temporary`), the limit's end (`end`), or that of a raise.

    An early end of a raise (`raise_end`) names it by `raise_id`, its number in the journal or among the raises in
    force. `from_on` is today or later, for an end the first day without; today, if not given. Where a proposal of the
    kind (and about the raise) is open, the new one is refused (409) unless it names it by `replaces`.
    """

    kind: Annotated[str, Said(m("What"), choices=KIND_NAMES)]
    amount: Annotated[
        Decimal | None,
        Said(m("Amount"), hint=m("In the dealer's currency; for a raise, what it adds; for an end, nothing.")),
    ] = None
    from_on: Annotated[
        date | None, Said(m("From"), hint=m("For an end, the first day without it."), option="--from")
    ] = None
    to_on: Annotated[
        date | None,
        Said(
            m("Until before"),
            hint=m("A raise needs an end; a limit is valid for the policy's months without one."),
            option="--to",
        ),
    ] = None
    raise_id: Annotated[int | None, Said(m("Raise"))] = None
    replaces: Annotated[
        int | None,
        Said(m("In the place of"), hint=m("The open proposal by its number; its approvals are lost.")),
    ] = None
    reason: Reason

    def between(self) -> Iterable[FieldError]:
        """A limit and a raise have an amount as it can be kept, and a raise an end."""
        if self.kind in {"base", "temporary"} and not _is_amount(self.amount):
            yield FieldError("amount", m("This is not an amount."), m("a number from 0 with at most 4 decimals"))
        elif self.kind == "temporary" and self.to_on is None:
            yield FieldError("to_on", m("A raise needs an end."))


def _is_amount(amount: Decimal | None, low: Decimal = Decimal(0), most: Decimal = _MOST) -> bool:
    """Whether it is one as it can be kept, from `low` to below `most`."""
    return amount is not None and amount.is_finite() and low <= amount < most and amount == round(amount, STORED_PLACES)


_NO_AMOUNT = m("This is not an amount."), m("a number with at most 4 decimals")
_MOST_KNOWN = Decimal(10) ** 13
_MAY_BE_NEGATIVE = frozenset({"net_worth", "retained_earnings", "ebit", "net_profit"})
_LONGEST_PERIOD = 24
_LONGEST_FACTOR = 100
_BEST_SCORE = 10
_WHY = Annotated[Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT)] | None, Said(m("Reason"))]


class StatementGiven(Act, frozen=True, kw_only=True):
    """What a statement says of itself, besides its figures; `void` says that its period has none after all."""

    period_end: Annotated[date, Said(m("Period's last day"))]
    period_months: Annotated[
        int,
        Said(m("Months of the period"), low=1, high=_LONGEST_PERIOD, option="--months"),
    ] = 12
    currency: Annotated[str | None, Said(m("Currency"), hint=m("The dealer's, if not given."), read=read_currency)] = (
        None
    )
    void: Annotated[bool, Said(m("This period has no statement after all"))] = False
    reason: _WHY = None

    def shown(self) -> Mapping[str, Decimal | None]:
        """Its figures by their names; what it does not show is None, which is not 0."""
        return {name: getattr(self, name, None) for name in FIGURES}

    def between(self) -> Iterable[FieldError]:
        """Every figure is one that is kept, and there is one at all."""
        if self.void:
            return
        shown = self.shown()
        for name, value in shown.items():
            if name not in FIGURES:
                yield FieldError(name, m("This field is not known."))
            elif value is not None:
                low = -_MOST_KNOWN if name in _MAY_BE_NEGATIVE else Decimal(0)
                if not _is_amount(value, low, _MOST_KNOWN):
                    yield FieldError(name, *_NO_AMOUNT)
        if all(value is None for value in shown.values()):
            yield FieldError("total_assets", m("The statement shows no figure at all."))


class KeepStatement(StatementGiven, frozen=True, kw_only=True):
    """Figures of a period; `void` says that the period has none after all."""

    figures: Annotated[dict[str, Decimal | None], Said(m("Figures"))] = msgspec.field(default_factory=dict)

    def shown(self) -> Mapping[str, Decimal | None]:
        """Its figures by their names."""
        return self.figures


class StatementForm(StatementGiven, frozen=True, kw_only=True):
    """The same as a form has it, a field for each figure."""

    total_assets: Annotated[Decimal | None, Said(FIGURES["total_assets"])] = None
    current_assets: Annotated[Decimal | None, Said(FIGURES["current_assets"])] = None
    inventory: Annotated[Decimal | None, Said(FIGURES["inventory"])] = None
    current_liabilities: Annotated[Decimal | None, Said(FIGURES["current_liabilities"])] = None
    total_debt: Annotated[Decimal | None, Said(FIGURES["total_debt"])] = None
    net_worth: Annotated[Decimal | None, Said(FIGURES["net_worth"])] = None
    retained_earnings: Annotated[Decimal | None, Said(FIGURES["retained_earnings"])] = None
    ebit: Annotated[Decimal | None, Said(FIGURES["ebit"])] = None
    sales: Annotated[Decimal | None, Said(FIGURES["sales"])] = None
    net_profit: Annotated[Decimal | None, Said(FIGURES["net_profit"])] = None
    market_equity: Annotated[Decimal | None, Said(FIGURES["market_equity"])] = None


class KeepFact(Act, frozen=True, kw_only=True):
    """A score of one factor (1 to 10), trade-reference limits, a stated need or a best high credit, from a day on.

    Amounts are in the dealer's currency. No amount says that it is no longer known.
    """

    fact: Annotated[str, Said(m("What"), choices=FACT_NAMES)]
    factor: Annotated[str, Said(m("Factor of a score"), longest=_LONGEST_FACTOR)] = ""
    amounts: Annotated[
        list[Decimal],
        Said(
            m("Value"),
            hint=m(
                "Several references are separated by semicolons; a score goes from 1 to 10; empty: no longer known."
            ),
            parted=";",
            keys="text",
        ),
    ]
    effective_on: Annotated[date | None, Said(m("Holds from"), option="--effective-on")] = None
    reason: _WHY = None

    def between(self) -> Iterable[FieldError]:
        """A score, and nothing else, has a factor; references alone may be several."""
        is_score = self.fact == "score"
        if is_score and not self.factor:
            yield FieldError("factor", m("A score belongs to a factor."))
        if not is_score and self.factor:
            yield FieldError("factor", m("Only a score has a factor."))
        if self.fact != "reference_limits" and len(self.amounts) > 1:
            yield FieldError("amounts", m("One value is wanted here."))
        for value in self.amounts:
            if is_score and not (value.is_finite() and 1 <= value <= _BEST_SCORE):
                yield FieldError("amounts", m("A score goes from 1 to 10."))
            elif not _is_amount(value, most=_MOST_KNOWN):
                yield FieldError("amounts", *_NO_AMOUNT)


class DecideLimit(Why, frozen=True, kw_only=True):
    """A word on a proposal; to approve it, `although` names what has changed since it was computed (`stale`)."""

    although: Annotated[
        list[str], Said(m("Approve it although it is out of date"), choices=CAUSE_NAMES, option="--although")
    ] = msgspec.field(default_factory=list)


class WithdrawLimit(Why, frozen=True, kw_only=True):
    """Why a proposal is taken back."""


class ApproveRun(Why, frozen=True, kw_only=True):
    """The mark of what was looked at, so that nothing else is approved, and why it is."""

    mark: Annotated[str, Said(m("Mark of the review"))]
