"""Scorecards as versioned documents: each belongs to a dealer type and product line, and another person decides."""

from channel.access.rules import Right
from channel.errors import m
from channel.versions.rules import Paper
from channel.vetting.rules.checking import check_scorecard
from channel.vetting.rules.scorecard import Scorecard

SCORECARDS: Paper[Scorecard] = Paper(
    code="scorecard",
    model=Scorecard,
    address="/vetting/scorecards/{of:str}/versions",
    see=Right.SEE_DEALERS,
    propose=Right.PROPOSE_POLICY,
    decide=Right.DECIDE_POLICY,
    title=m("Versions of a scorecard"),
    kind=m("Scorecard"),
    one=m("a scorecard"),
    named=m("Scorecard %(of)s, version %(number)s"),
    within=m("scorecard %(of)s, version %(number)s"),
    check=check_scorecard,
    wrong=m("The scorecard has errors: please correct them."),
    missing=m("No version of the scorecard is effective on %(on)s."),
    from_then_on=m("From %(day)s on candidates are evaluated by it."),
    effect=m("Candidates are evaluated by it from this day on, once another person has approved it."),
)
