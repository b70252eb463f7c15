"""For which days a report speaks when nobody says so, told of one dealer; the product asks it in SQL of all at once."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from channel.periods import Month, Span
from channel.sales.rules import MONTHS_BEFORE, ORDINARY_GAP


def overlap(one: Span, other: Span) -> bool:
    """Whether any day belongs to both."""
    return one.start < other.end and other.start < one.end


def reported_in_parts(month: Month, reported: Iterable[Span]) -> bool:
    """Whether reports share the month: none covers it whole, and two lie apart or each leaves out more than a week.

    A month of which nothing is reported, or which one report covers but for a few days at its ends, is not in parts.
    """
    here = [span for span in reported if overlap(span, month.span)]
    gap = timedelta(days=ORDINARY_GAP)
    if not here or any(span.start <= month.first and month.end <= span.end for span in here):
        return False
    nearly = any(span.start <= month.first + gap and month.end - gap <= span.end for span in here)
    return not nearly or max(span.start for span in here) >= min(span.end for span in here)


def compute_days_covered(own: Span, reported: Sequence[Span], today: date) -> Span:
    """For which days a report of sales speaks whose period nobody gave, of a dealer who has a line in it.

    `own` are the days from the first to the last line, `reported` those of the dealer's other reports of the kind.
    A month at either end is covered whole where it is over and no other report touches it; nothing is added where
    the dealer reported in parts in any of the three months before.
    """
    first, last = Month.of(own.start), Month.of(own.last)
    if any(reported_in_parts(first.plus(-back), reported) for back in range(1, MONTHS_BEFORE + 1)):
        return own

    def whole(month: Month) -> bool:
        return month.end <= today and not any(overlap(span, month.span) for span in reported)

    return Span(first.first if whole(first) else own.start, last.end if whole(last) else own.end)
