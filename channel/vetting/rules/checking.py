"""What must hold between the fields of a scorecard."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from channel.errors import FieldError, m
from channel.vetting.rules.pairwise import MOST, MOST_INCONSISTENT, Weighed, is_joined
from channel.vetting.rules.scorecard import Criterion, KnockOut, Scorecard, Test
from channel.vetting.rules.values import check_values
from channel.vetting.rules.weights import compared, shares

_DUST = 1e-9


def check_scorecard(card: Scorecard) -> Sequence[FieldError]:
    """Every contradiction between fields; weights are looked at only where the tree stands."""
    tree = list(_check_tree(card))
    return [
        *tree,
        *_check_criteria(card),
        *_check_knock_outs(card),
        *_check_grades(card),
        *([] if tree else _check_weights(card)),
    ]


def _check_tree(card: Scorecard) -> Iterator[FieldError]:
    parents = {each.code: each.within for each in card.criteria}
    groups = {each.code for each in card.criteria if not each.measured and not each.judged}
    seen = set()
    for place, each in enumerate(card.criteria):
        path = f"criteria.{place}"
        if each.code in seen:
            yield FieldError(f"{path}.code", m("This is named twice."))
        seen.add(each.code)
        if each.within is not None and each.within not in groups:
            names = ", ".join(sorted(groups - {each.code}))
            yield FieldError(
                f"{path}.within", m("There is no group of criteria %(code)s.", code=each.within),
                m("one of %(names)s", names=names) if names else None,
            )  # fmt: skip
        elif _turns(parents, each.code):
            yield FieldError(f"{path}.within", m("A group cannot lie within itself."))
        if each.code in groups and not card.beside(each.code):
            yield FieldError(path, m("It is to be said how it is measured or judged, or what lies within it."))


def _turns(parents: dict[str, str | None], code: str) -> bool:
    above, seen = parents.get(code), {code}
    while above is not None and above not in seen:
        seen.add(above)
        above = parents.get(above)
    return above is not None


def _check_criteria(card: Scorecard) -> Iterator[FieldError]:
    for place, each in enumerate(card.criteria):
        path = f"criteria.{place}"
        if each.measured and each.judged:
            yield FieldError(f"{path}.judged", m("A criterion is measured or judged, not both."))
        if each.measured:
            yield from check_values(each.measured, f"{path}.measured")
        if not each.measured and not each.judged:
            for name in ("least", "most"):
                if getattr(each, name) is not None:
                    yield FieldError(f"{path}.{name}", m("Bounds are those of criteria, not of groups."))


def _check_knock_outs(card: Scorecard) -> Iterator[FieldError]:
    seen = set()
    for place, each in enumerate(card.knock_outs):
        path = f"knock_outs.{place}"
        if each.code in seen:
            yield FieldError(f"{path}.code", m("This is named twice."))
        seen.add(each.code)
        yield from _check_bound(each, path)


def _check_bound(each: KnockOut, path: str) -> Iterator[FieldError]:
    by_number = each.test in {Test.AT_LEAST, Test.AT_MOST}
    needed, other = ("bound", "word") if by_number else ("word", "bound")
    if getattr(each, needed) is None:
        yield FieldError(f"{path}.{needed}", m("This is needed for such a test."))
    if getattr(each, other) is not None:
        yield FieldError(f"{path}.{other}", m("This has no place in such a test."))


def _check_grades(card: Scorecard) -> Iterator[FieldError]:
    for place, (better, worse) in enumerate(pairwise(card.grades), 1):
        if worse.score >= better.score:
            yield FieldError(
                f"grades.{place}.score", m("Grades stand in their order, the best first."),
                m("below %(score)s", score=f"{better.score:f}"),
            )  # fmt: skip
    if card.grades[-1].score != 0:
        yield FieldError(
            f"grades.{len(card.grades) - 1}.score", m("The last grade is for all scores that are left."), m("0")
        )
    for place, each in enumerate(card.grades):
        if each.grade in [other.grade for other in card.grades[:place]]:
            yield FieldError(f"grades.{place}.grade", m("This is named twice."))
    if card.weak_to >= card.strong_from:
        yield FieldError("weak_to", m("A gap cannot be a strength as well."))


def _check_weights(card: Scorecard) -> Iterator[FieldError]:
    wrong = [*_check_comparisons(card)]
    for within in dict.fromkeys(each.within for each in card.criteria):
        wrong += _check_group(card, within)
    yield from wrong
    if not wrong:
        yield from _check_bounds(card)


def _check_comparisons(card: Scorecard) -> Iterator[FieldError]:
    within = {each.code: each.within for each in card.criteria}
    seen = set()
    for place, each in enumerate(card.comparisons):
        path = f"comparisons.{place}"
        unknown = [name for name in ("more", "less") if getattr(each, name) not in within]
        for name in unknown:
            yield FieldError(
                f"{path}.{name}", m("There is no criterion %(code)s.", code=getattr(each, name)),
                m("one of %(names)s", names=", ".join(within)),
            )  # fmt: skip
        if unknown:
            continue
        if each.more == each.less or within[each.more] != within[each.less]:
            yield FieldError(f"{path}.less", m("Only two criteria that stand beside one another are compared."))
        if frozenset((each.more, each.less)) in seen:
            yield FieldError(path, m("These two are compared already."))
        seen.add(frozenset((each.more, each.less)))


def _check_group(card: Scorecard, within: str | None) -> Iterator[FieldError]:
    """The weights of what stands beside one another: all entered, or none and all from comparisons."""
    beside = card.beside(within)
    codes = [each.code for each in beside]
    pairs = [
        (codes.index(each.more), codes.index(each.less))
        for each in card.comparisons
        if each.more in codes and each.less in codes
    ]
    if not pairs:
        if len(beside) > 1:
            yield from (
                FieldError(f"criteria.{_place(card, each)}.weight", m("A weight is needed, or comparisons in pairs."))
                for each in beside
                if each.weight is None
            )
        return
    weighted = [each for each in beside if each.weight is not None]
    for each in weighted:
        yield FieldError(
            f"criteria.{_place(card, each)}.weight", m("Its weight follows from the comparisons."), m("none")
        )
    if len(beside) > MOST:
        yield FieldError("comparisons", m("At most %(most)s can be compared in pairs.", most=str(MOST)))
    elif not is_joined(len(beside), pairs):
        yield FieldError(
            "comparisons", m("The comparisons do not join %(names)s.", names=", ".join(codes)),
            m("each compared with another, so that all hang together"),
        )  # fmt: skip
    elif not weighted and len({frozenset(pair) for pair in pairs}) == len(pairs) and all(a != b for a, b in pairs):
        found = compared(card, within)
        if found is not None and not found.is_consistent:
            yield _inconsistent(found, codes)


def _inconsistent(found: Weighed, codes: Sequence[str]) -> FieldError:
    why = m("The comparisons contradict one another: their consistency ratio is %(ratio)s.", ratio=f"{found.ratio:.3f}")
    if found.hurts is None:
        return FieldError("comparisons", why, m("at most %(most)s", most=f"{MOST_INCONSISTENT:.2f}"))
    one, other = found.hurts.pair
    implied = found.hurts.implied
    if implied < 1:
        one, other, implied = other, one, 1 / implied
    return FieldError(
        "comparisons",
        why,
        m(
            "%(one)s over %(other)s at about %(times)s, as the others imply: the ratio would be %(ratio)s",
            one=codes[one], other=codes[other], times=f"{implied:.2f}", ratio=f"{found.hurts.ratio:.3f}",
        ),
    )  # fmt: skip


def _check_bounds(card: Scorecard) -> Iterator[FieldError]:
    """Bounds of shares hold the criterion's own, and some weights lie within all of them."""
    held = shares(card)
    for each in card.leaves:
        path = f"criteria.{_place(card, each)}"
        share = m("its own share, %(share)s, lies within the bounds", share=f"{held[each.code]:.4f}")
        if each.least is not None and float(each.least) > held[each.code] + _DUST:
            yield FieldError(f"{path}.least", m("The criterion's own share is below it."), share)
        if each.most is not None and float(each.most) < held[each.code] - _DUST:
            yield FieldError(f"{path}.most", m("The criterion's own share is above it."), share)


def _place(card: Scorecard, criterion: Criterion) -> int:
    return next(place for place, each in enumerate(card.criteria) if each is criterion)
