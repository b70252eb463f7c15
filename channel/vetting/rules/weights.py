"""The weights of a scorecard: of every criterion in the whole, entered or from comparison in pairs."""

from collections.abc import Mapping
from decimal import Decimal

from channel.vetting.rules.pairwise import Weighed, weigh
from channel.vetting.rules.scorecard import Criterion, Scorecard


def compared(card: Scorecard, within: str | None) -> Weighed | None:
    """What the comparisons beside one another within a group come to; None where there is no group of such.

    `ValueError` and `KeyError` as `weigh` has them.
    """
    codes = [each.code for each in card.beside(within)]
    judged = {
        (codes.index(each.more), codes.index(each.less)): float(each.times)
        for each in card.comparisons
        if each.more in codes and each.less in codes
    }
    return weigh(len(codes), judged, card.random_index) if judged else None


def shares(card: Scorecard) -> Mapping[str, float]:
    """Of every criterion and group its share in the whole; those of the leaves sum to 1."""
    found: dict[str, float] = {}

    def share_out(within: str | None, whole: float) -> None:
        beside = card.beside(within)
        weights = _weights(card, within, beside)
        total = sum(weights)
        for each, weight in zip(beside, weights, strict=True):
            found[each.code] = whole * weight / total
            share_out(each.code, found[each.code])

    share_out(None, 1.0)
    return {each.code: found[each.code] for each in card.criteria}


def _weights(card: Scorecard, within: str | None, beside: tuple[Criterion, ...]) -> tuple[float, ...]:
    if all(each.weight is None for each in beside) and (found := compared(card, within)) is not None:
        return found.weights
    # One that stands alone has the whole, whatever it weighs.
    return tuple(float(each.weight or Decimal(1)) for each in beside)
