"""Scores are floats: rounded once, where they leave the computation, and everything that stands on them uses that."""

from decimal import Decimal

from channel.money import round_half_away

PLACES = 6
"""Decimal places of a score, of a weight and of a share, as they are stored."""
_WITHOUT_PLACES = 1e15


def rounded(x: float) -> float:
    """To 6 places, a half away from zero, by the digits in which a float is told: 0.0000005 to 0.000001."""
    # Figures this large have no such places, and infinity has none at all.
    return float(round_half_away(Decimal(repr(float(x))), PLACES)) if abs(x) < _WITHOUT_PLACES else float(x)


def stored(x: float) -> Decimal:
    """A score as it is stored, with exactly 6 places."""
    return round_half_away(Decimal(repr(float(x))), PLACES)
