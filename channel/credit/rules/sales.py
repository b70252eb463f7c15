"""Mean monthly sales out of the reports: which months count, on which basis, trimmed how; and the seasonal index."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from channel.credit.rules.inputs import CreditInputs, MonthSales
from channel.credit.rules.policy import Basis, MonthsCounted, Policy, SalesRule, Trim
from channel.credit.rules.steps import EXACT, Withheld, Working, month_runs, percent, told, total
from channel.dealers.rules import first_whole_month
from channel.errors import Message, m
from channel.periods import Month

_YEAR = 12
_WEEKS = Decimal(52)


@dataclass(frozen=True, slots=True)
class Window:
    """The complete months that a rule looks at: the covered ones, the missing ones, and those before appointment."""

    looked_at: int
    appointed_on: date | None
    before_appointment: int
    covered: tuple[MonthSales, ...]
    missing: tuple[Month, ...]

    def described(self) -> tuple[Message, ...]:
        """The window in words: `12 complete months`, `11 covered`, `2026-01 missing`."""
        appointed_on = self.appointed_on if self.before_appointment else None
        return _described(self.looked_at, appointed_on, self.before_appointment, len(self.covered), self.missing)


@lru_cache(maxsize=1024)
def _described(
    looked_at: int, appointed_on: date | None, before: int, covered: int, missing: tuple[Month, ...]
) -> tuple[Message, ...]:
    # Most dealers of a run share their window, and it is told of each of them.
    said = [m("1 complete month") if looked_at == 1 else m("%(n)s complete months", n=str(looked_at))]
    if before:
        said.append(m("%(n)s since the appointment on %(on)s", n=str(looked_at - before), on=appointed_on))
    if not missing:
        said.append(m("all covered"))
    else:
        said.append(m("%(n)s covered", n=str(covered)))
        said.append(m("%(months)s missing", months=month_runs(missing)))
    return tuple(said)


@dataclass(frozen=True, slots=True)
class MonthlySales:
    """The mean month on the policy's basis, unrounded, with its working and the window behind it."""

    mean: Decimal
    working: Working
    window: Window


def window_of(inputs: CreditInputs, n: int, basis: Basis) -> Window:
    """The last n months of which every day is before the as-of date, without those that began before appointment.

    A month is covered when all reports that the basis needs cover all its days.
    """
    current = inputs.as_of.year * _YEAR + inputs.as_of.month
    first = current - n
    since = max(first, _appointed_place(inputs))
    covered = _covered(inputs.months, basis, since, current)
    missing: tuple[Month, ...] = ()
    if len(covered) < current - since:
        here = {sales.month for sales in covered}
        missing = tuple(month for month in map(_month_at, range(since, current)) if month not in here)
    return Window(n, inputs.appointed_on, min(since - first, n), covered, missing)


def covered_since_appointment(inputs: CreditInputs, basis: Basis) -> int:
    """How many complete months of the snapshot since the appointment are covered."""
    current = inputs.as_of.year * _YEAR + inputs.as_of.month
    return len(_covered(inputs.months, basis, _appointed_place(inputs), current))


def _covered(months: Iterable[MonthSales], basis: Basis, since: int, before: int) -> tuple[MonthSales, ...]:
    """The months that all needed reports cover, between two places in the count of months."""
    needs_in, needs_through = basis is not Basis.SELL_THROUGH, basis is not Basis.SELL_IN
    return tuple(
        [
            sales
            for sales in months
            if (sales.sell_in_covered or not needs_in)
            and (sales.sell_through_covered or not needs_through)
            and since <= sales.month.year * _YEAR + sales.month.month < before
        ]
    )


def _appointed_place(inputs: CreditInputs) -> int:
    """The place of the first month that counts: one in which the dealer was only partly ours would lower the mean."""
    if inputs.appointed_on is None:
        return 0
    first = first_whole_month(inputs.appointed_on)
    return first.year * _YEAR + first.month


def monthly_sales(policy: Policy, inputs: CreditInputs) -> MonthlySales | Withheld:
    """The mean monthly sales on the policy's basis; withheld when too few months are covered or stock is unknown."""
    rule = policy.sales
    window = window_of(inputs, rule.window_months, rule.basis)
    if len(window.covered) < rule.least_covered_months:
        return Withheld(
            m(
                "%(missing)s of %(months)s months missing: %(covered)s covered, at least %(least)s needed",
                missing=str(rule.window_months - window.before_appointment - len(window.covered)),
                months=str(rule.window_months - window.before_appointment),
                covered=str(len(window.covered)),
                least=str(rule.least_covered_months),
            )
        )
    working = Working()
    if window.missing:
        counts = {"missing": str(len(window.missing)), "all": str(len(window.missing) + len(window.covered))}
        working.notes.append(m("%(missing)s of %(all)s months have no report", **counts))
    if rule.basis is not Basis.SELL_THROUGH:
        refused = _mean_step(rule, window, Basis.SELL_IN, working)
    else:
        refused = _mean_step(rule, window, Basis.SELL_THROUGH, working)
    if refused is None and rule.basis is Basis.SMALLER:
        refused = _smaller(rule, inputs, window, working)
    return refused or MonthlySales(working.amount, working, window)


def _mean_step(rule: SalesRule, window: Window, kind: Basis, working: Working) -> Withheld | None:
    """Tell the mean of one kind of report, with the months behind it and what the other way of counting would give."""
    every = _nets(window.covered, kind)
    selling = every if all(every) else _nets([sales for sales in window.covered if _had_sales(sales, kind)], kind)
    only_selling = rule.months_counted is MonthsCounted.WITH_SALES
    counted = selling if only_selling else every
    trimmed = _trimmed(rule, counted)
    if trimmed is None:
        return working.withheld(m("%(n)s months are too few to trim the outliers", n=str(len(counted))))
    name = m("Mean monthly sell-in") if kind is Basis.SELL_IN else m("Mean monthly sell-through")
    said = window.described()
    if only_selling:
        said = (*said, m("%(n)s of them with sales", n=str(len(selling))))
    if rule.trim is not Trim.NONE:
        said = (*said, _trim_said(rule))
    working.value(f"mean_{kind.value}", name, mean(trimmed), *said, reason=_other_way(every, selling, only_selling))
    return None


def _other_way(every: list[Decimal], selling: list[Decimal], only_selling: bool) -> Message | None:  # noqa: FBT001 - one of two ways
    """The mean that the other choice of months would give, where the two differ."""
    if len(every) == len(selling):
        return None
    if only_selling:
        return m("over all %(n)s covered months it is %(mean)s", n=str(len(every)), mean=told(mean(every)))
    return m("over the %(n)s months with sales alone it is %(mean)s", n=str(len(selling)), mean=told(mean(selling)))


def _trimmed(rule: SalesRule, values: list[Decimal]) -> list[Decimal] | None:
    """The values with their extremes winsorised or dropped; None when nothing would be left to hold on to."""
    if rule.trim is Trim.NONE:
        return values
    ordered = sorted(values)
    last = len(ordered) - rule.trim_highest
    if last <= rule.trim_lowest:
        return None
    kept = ordered[rule.trim_lowest : last]
    if rule.trim is Trim.DROP:
        return kept
    return [kept[0]] * rule.trim_lowest + kept + [kept[-1]] * rule.trim_highest


def _trim_said(rule: SalesRule) -> Message:
    counts = {"highest": str(rule.trim_highest), "lowest": str(rule.trim_lowest)}
    if rule.trim is Trim.DROP:
        return m("without the %(highest)s highest and %(lowest)s lowest", **counts)
    return m("the %(highest)s highest and %(lowest)s lowest counted as the next month", **counts)


def _smaller(rule: SalesRule, inputs: CreditInputs, window: Window, working: Working) -> Withheld | None:
    """The smaller of mean sell-in and of mean sell-through with the wanted change of stock a month."""
    sell_in = working.amount
    refused = _mean_step(rule, window, Basis.SELL_THROUGH, working)
    if refused:
        return refused
    needed = sell_through = working.amount
    if rule.wanted_weeks_of_supply is not None:
        stock = _last_stock(inputs)
        if stock is None:
            return working.withheld(
                m("stock at the end of %(month)s is not known", month=str(Month.of(inputs.as_of).plus(-1)))
            )
        week = EXACT.divide(EXACT.multiply(sell_through, Decimal(_YEAR)), _WEEKS)
        wanted = EXACT.multiply(week, rule.wanted_weeks_of_supply)
        change = EXACT.divide(EXACT.subtract(wanted, stock), Decimal(rule.stock_change_months))
        needed = EXACT.add(sell_through, change)
        working.value(
            "needed_sales",
            m("Sell-through with the wanted change of stock"),
            needed,
            m("%(weeks)s weeks of supply are %(wanted)s", weeks=told(rule.wanted_weeks_of_supply), wanted=told(wanted)),
            m("stock %(stock)s", stock=told(stock)),
            m("%(change)s a month for %(n)s months", change=told(change), n=str(rule.stock_change_months)),
        )
    chosen = m("sell-in") if sell_in <= needed else m("sell-through")
    working.value("smaller_sales", m("Smaller of sell-in and sell-through"), min(sell_in, needed), chosen)
    return None


def seasonal_indices(policy: Policy, inputs: CreditInputs) -> dict[int, Decimal] | Withheld:
    """Calendar month (1 to 12) to index: the mean of that month's sales over the mean of the twelve monthly means."""
    kind = Basis.SELL_THROUGH if policy.sales.basis is Basis.SELL_THROUGH else Basis.SELL_IN
    window = window_of(inputs, policy.season.window_months, kind)
    by_month: dict[int, list[Decimal]] = {number: [] for number in range(1, _YEAR + 1)}
    for sales in window.covered:
        by_month[sales.month.month].append(_net(sales, kind))
    unseen = [f"{number:02}" for number, values in by_month.items() if not values]
    if unseen:
        return Withheld(
            m(
                "the season needs every month of the year, and these are not covered: %(months)s",
                months=", ".join(unseen),
            )
        )
    means = {number: mean(values) for number, values in by_month.items()}
    year_mean = mean(means.values())
    if year_mean <= 0:
        return Withheld(m("there is no season without sales in the months behind the index"))
    return {number: EXACT.divide(value, year_mean) for number, value in means.items()}


def season_step(policy: Policy, inputs: CreditInputs, terms_days: int, working: Working) -> Withheld | None:
    """Multiply by the index of the credit window that ends in the policy's month, held within the policy's band."""
    indices = seasonal_indices(policy, inputs)
    if isinstance(indices, Withheld):
        return working.withheld(indices.reason)
    ends = [Month.of(inputs.as_of)]
    if policy.season.month == "peak":
        ends = [ends[0].plus(n) for n in range(min(policy.validity_months, _YEAR))]
    weights = credit_window(terms_days, policy.terms.days_per_month)
    end, index = max(((end, window_index(indices, end, weights)) for end in ends), key=lambda pair: pair[1])
    factor, reason = index, None
    if policy.season.band_rate is not None:
        band = policy.season.band_rate
        factor = min(max(index, 1 - band, Decimal(0)), 1 + band)
        if factor != index:
            reason = m("held within %(band)s of the mean month", band=percent(band))
    months = tuple(end.plus(-back) for back in range(len(weights) - 1, -1, -1))
    said = m("index %(index)s for %(months)s", index=told(index), months=month_runs(months))
    working.times("season", m("Season"), factor, said, reason=reason)
    return None


def credit_window(terms_days: int, days_per_month: int) -> tuple[Decimal, ...]:
    """The weights of the months whose sales are unpaid at a month's end, that month first: 45 days are 1 and 0.5."""
    full, rest = divmod(terms_days, days_per_month)
    weights = [Decimal(1)] * full
    if rest or not full:
        weights.append(EXACT.divide(Decimal(rest or 1), Decimal(days_per_month)))
    return tuple(weights)


def window_index(indices: dict[int, Decimal], end: Month, weights: tuple[Decimal, ...]) -> Decimal:
    """The weighted mean of the indices of the credit window that ends in `end`."""
    weighted = total(EXACT.multiply(indices[end.plus(-back).month], weight) for back, weight in enumerate(weights))
    return EXACT.divide(weighted, total(weights))


def seasonal_band(mean_month: Decimal, band_rate: Decimal) -> tuple[Decimal, Decimal]:
    """What the mean month counts as at least in the off season and at most in the peak season.

    Source: a Chinese rule that caps a limit at last year's mean month, plus or minus 50% by season.
    """
    return EXACT.multiply(mean_month, 1 - band_rate), EXACT.multiply(mean_month, 1 + band_rate)


def mean(values: Iterable[Decimal]) -> Decimal:
    """The arithmetic mean, exact to fifty digits; of no values it is 0, as in covered months without any sale."""
    every = list(values)
    return EXACT.divide(total(every), Decimal(len(every))) if every else Decimal(0)


def _net(sales: MonthSales, kind: Basis) -> Decimal:
    net = sales.net_sell_through if kind is Basis.SELL_THROUGH else sales.net_sell_in
    if net is None:
        raise ValueError(f"{sales.month} is covered but has no sum")
    return net


def _nets(months: Iterable[MonthSales], kind: Basis) -> list[Decimal]:
    """The net sums of covered months, each of which has one."""
    if kind is Basis.SELL_THROUGH:
        return [net for sales in months if (net := sales.net_sell_through) is not None]
    return [net for sales in months if (net := sales.net_sell_in) is not None]


def _had_sales(sales: MonthSales, kind: Basis) -> bool:
    returned = sales.sell_through_returns if kind is Basis.SELL_THROUGH else sales.sell_in_returns
    return bool(_net(sales, kind)) or bool(returned)


def _last_stock(inputs: CreditInputs) -> Decimal | None:
    last = Month.of(inputs.as_of).plus(-1)
    return next((sales.stock_amount_end for sales in inputs.months if sales.month == last), None)


def _month_at(place: int) -> Month:
    year, month = divmod(place - 1, _YEAR)
    return Month(year, month + 1)
