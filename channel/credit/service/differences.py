"""Why the limits of two days, of which everything was collected, differ; each side is told as it is told alone."""

from collections.abc import Sequence

from channel.credit.rules import LimitDiff, Policy, diff_limits
from channel.credit.rules.snapshot import Collected, Needs, decide, needs_of
from channel.credit.service.kept import Kept
from channel.errors import m


def since_kept(before: Kept, policy: Policy, now: Collected) -> LimitDiff:
    """What has changed since the assessment on which the limit in force rests.

    It is taken as it was kept, under its own policy, so that it knows nothing of what came after it: not even the
    limit that it became. `now` is collected for what both policies need.
    """
    found = diff_limits(before.collected.inputs, before.policy, now.inputs, policy)
    return _told(found, [before.policy, policy], [before.collected, now])


def compared(policies: Sequence[Policy], sides: Sequence[Collected]) -> LimitDiff:
    """The same of two sides, each with its policy; both are collected for what both policies need."""
    return _told(diff_limits(sides[0].inputs, policies[0], sides[1].inputs, policies[1]), policies, sides)


def both_need(first: Policy, second: Policy) -> Needs:
    """What is to be collected for a comparison: on the way from one to the other a policy looks at both figures."""
    return needs_of(first).joined(needs_of(second))


def _told(found: LimitDiff, policies: Sequence[Policy], sides: Sequence[Collected]) -> LimitDiff:
    """The comparison with the decisions as they are told alone; a side that is refused has no parts."""
    before, after = decide(policies[0], sides[0]), decide(policies[1], sides[1])
    refused = sides[0].refused or sides[1].refused
    if refused is None:
        return LimitDiff(before, after, found.parts, found.withheld, found.reason)
    text = m("the first limit is withheld") if sides[0].refused else m("the second limit is withheld")
    return LimitDiff(before, after, (), text, refused)
