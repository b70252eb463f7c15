"""Who is to decide a review: who is responsible for the dealer, or has the plan's duty; else anybody of the role."""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet

from channel.reviews.rules.plan import Deciding

May = Callable[[str], bool]
"""Whether a member, by his code, holds the right to decide reviews and sees the dealer."""


def compute_decider(
    deciding: Deciding,
    responsible: str | None,
    with_duty: Mapping[str, int | None],
    lineage: AbstractSet[int],
    may: May,
) -> str | None:
    """The member who decides; None for whoever of the role may.

    Who is responsible decides where the plan says so and he may. Of those who have the duty and may, one who works
    where the dealer stands (`lineage`: his territory and all above it) comes before others, and then the first code.
    """
    if deciding.to_responsible and responsible is not None and may(responsible):
        return responsible
    found = [code for code in with_duty if may(code)]
    return min(found, key=lambda code: (with_duty[code] not in lineage, code), default=None)
