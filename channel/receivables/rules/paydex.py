"""A PAYDEX-like index: how promptly a dealer pays, from 1 to 100, where 80 is on terms.

The published chart tells days beyond terms for scores (dandb.com/glossary/paydex); between its corners it is linear,
and so are we. D&B weighs experiences of several suppliers; this weighs our own items by their amounts.
"""

from bisect import bisect_left
from decimal import Decimal

from channel.money import round_half_away
from channel.receivables.rules.documents import EXACT

CORNERS = ((-30, 100), (-20, 90), (0, 80), (15, 70), (30, 50), (120, 20), (177, 1))
"""Days beyond terms and the score for them; what is earlier than the first or later than the last has its score."""
SCORE_PLACES = 6
"""Decimal places of one item's score."""

_DAYS = [days for days, _ in CORNERS]
_SCORES = [-score for _, score in CORNERS]


def score_of_days(days: int) -> Decimal:
    """The score for days beyond terms, early below 0: 100 from 30 days early, 80 on terms, 50 at 30 days late.

    Rounded half away from zero to 6 decimals, so that sums of scores are the same in any order.
    """
    place = bisect_left(_DAYS, days)
    if place == 0:
        return Decimal(CORNERS[0][1])
    if place == len(CORNERS):
        return Decimal(CORNERS[-1][1])
    (earlier, high), (later, low) = CORNERS[place - 1 : place + 1]
    lower = EXACT.divide(Decimal((high - low) * (days - earlier)), Decimal(later - earlier))
    return round_half_away(EXACT.subtract(Decimal(high), lower), SCORE_PLACES)


def days_of_score(score: int) -> Decimal:
    """The days beyond terms for a score from 1 to 100, as the chart reads."""
    place = max(bisect_left(_SCORES, -score), 1)
    (earlier, high), (later, low) = CORNERS[place - 1 : place + 1]
    return EXACT.add(Decimal(earlier), EXACT.divide(Decimal((later - earlier) * (high - score)), Decimal(high - low)))
