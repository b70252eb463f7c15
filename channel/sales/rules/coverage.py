"""For which days and dealers a report speaks: there no line means zero, and what was loaded before is superseded."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta

from channel.errors import FieldError, m
from channel.periods import Span


@dataclass(frozen=True, slots=True)
class Coverage:
    """The days and the dealers (codes) of a report."""

    days: Span
    dealers: frozenset[str]


def compute_coverage(
    kind: str,
    *,
    period: Span | None,
    first: date | None,
    last: date | None,
    wanted: AbstractSet[str] | None,
    in_file: AbstractSet[str],
    in_scope: AbstractSet[str],
) -> Coverage | tuple[FieldError, ...]:
    """The coverage of a report, or why there is none.

    The days are the period, else those from the first to the last date of the file. The dealers are those that
    were asked for (`wanted`), else for sell-in all in the loader's scope, else those in the file. Lines outside
    either are refused as lines; here is refused a report without any day or dealer, and a dealer asked for that
    the loader may not know of.
    """
    if period is None and (first is None or last is None):
        no_days = m("No line of the file has a day that can be read, so it does not say which days it covers.")
        return (FieldError("period", no_days, m("A period such as 2013-01:2013-03.")),)
    days = period or _days(first, last)
    unknown = sorted((wanted or frozenset()) - in_scope)
    if unknown:
        why = m("These dealers are not known: %(codes)s", codes=", ".join(unknown[:_TOLD]))
        return (FieldError("dealers", why, m("Codes of dealers in your territories.")),)
    spoken_for = in_scope if kind == "sell-in" else in_file
    dealers = frozenset(spoken_for if wanted is None else wanted)
    if not dealers:
        none = m("The report covers no dealer.")
        return (FieldError("dealers", none, m("Codes of the dealers, with --dealers.")),)
    return Coverage(days, dealers)


_TOLD = 20


def _days(first: date | None, last: date | None) -> Span:
    if first is None or last is None:  # only asked for where both are there
        raise ValueError("no days")
    return Span(first, last + timedelta(days=1))
