"""The lists of the room: plans, the runs that open reviews, what is due, and the reviews themselves."""

from channel.errors import m
from channel.lists import Column, Kind, List
from channel.reviews.rules.choices import (
    PLAN_STATES,
    REVIEW_COLOURS,
    REVIEW_STATES,
    RUN_COLOURS,
    RUN_STATES,
    STATE_COLOURS,
)
from channel.reviews.rules.deciding import OUTCOME_NAMES
from channel.reviews.rules.plan import FINDING_NAMES, KIND_NAMES, RHYTHM_NAMES
from channel.reviews.rules.proposing import REVIEW_ACT_NAMES

PLANS = List(
    "review-plans",
    m("Review plans"),
    (
        Column("name", m("Plan"), link="/reviews/plans/{code}", sub="code", nothing=m("no version yet"), wraps=True),
        Column("code", m("Code"), Kind.CODE, link="/reviews/plans/{code}"),
        Column("kind", m("What is reviewed"), Kind.CHOICE, choices=KIND_NAMES),
        Column("rhythm", m("When"), Kind.CHOICE, choices=RHYTHM_NAMES),
        Column("next_on", m("Next"), Kind.DAY, nothing=m("none")),
        Column("opened_on", m("Opened last for"), Kind.DAY, nothing=m("never"), less=1),
        Column("state", m("State"), Kind.CHOICE, choices=PLAN_STATES, colours=STATE_COLOURS),
        Column("version", m("Version"), Kind.SERIAL, link="/reviews/plans/{code}/versions/{version}", less=2),
    ),
    order="code",
    key="code",
    nothing=m("There is no plan."),
)
RUNS = List(
    "review-runs",
    m("Openings of reviews"),
    (
        Column("period", m("Day"), Kind.DAY, link="/reviews?run={id}&state=any"),
        Column("plan", m("Plan"), Kind.CODE, link="/reviews/plans/{plan}"),
        Column("state", m("State"), Kind.CHOICE, choices=RUN_STATES, colours=RUN_COLOURS),
        Column("opened", m("Reviews"), Kind.COUNT),
        Column("undecided", m("Not decided"), Kind.COUNT),
        Column("known_at", m("As known at"), Kind.MOMENT, less=2),
        Column("plan_version", m("Version"), Kind.SERIAL, link="/reviews/plans/{plan}/versions/{plan_version}", less=1),
        Column("ended_at", m("Opened"), Kind.MOMENT, less=3),
        Column("id", m("No."), Kind.SERIAL, page=False, less=4),
    ),
    order="-period",
    key="-id",
    nothing=m("No reviews have been opened."),
)
DUE = List(
    "reviews-due",
    m("Reviews due"),
    (
        Column("period", m("Day"), Kind.DAY),
        Column("plan", m("Plan"), Kind.CODE, link="/reviews/plans/{plan}"),
        Column("state", m("State"), Kind.CHOICE, choices=RUN_STATES, colours=RUN_COLOURS),
    ),
    order="period",
    key="key",
    nothing=m("Nothing is due."),
)
REVIEWS = List(
    "reviews",
    m("Reviews"),
    (
        Column(
            "dealer",
            m("Dealer"),
            Kind.CODE,
            link="/dealers/{dealer}/reviews/{number}",
            shown="name",
            sub="dealer",
            wraps=True,
        ),
        Column("as_of", m("As of"), Kind.DAY, link="/dealers/{dealer}/reviews/{number}"),
        Column("weight", m("Weight"), Kind.COUNT),
        Column(
            "finding_kinds",
            m("Findings"),
            of=lambda row: tuple(FINDING_NAMES[each] for each in row["finding_kinds"]),
            sort=False,
            wraps=True,
        ),
        Column("proposal", m("Proposal"), Kind.CHOICE, choices=REVIEW_ACT_NAMES, wraps=True),
        Column("overdue", m("Overdue"), Kind.MONEY, currency="currency", less=1),
        Column("used", m("Limit used"), Kind.PERCENT, less=2),
        Column("exposure", m("Exposure"), Kind.MONEY, currency="currency", page=False, less=3),
        Column("limit_amount", m("Limit in force"), Kind.MONEY, currency="currency", page=False, less=3),
        Column("currency", m("Currency"), Kind.CODE),
        Column("responsible", m("To decide"), Kind.CODE, shown="responsible_name", nothing=m("the role"), less=3),
        Column("decide_by", m("By"), Kind.DAY, less=2),
        Column("plan", m("Plan"), Kind.CODE, link="/reviews/plans/{plan}", less=4),
        Column("state", m("State"), Kind.CHOICE, choices=REVIEW_STATES, colours=REVIEW_COLOURS, less=5),
        Column("number", m("No."), Kind.SERIAL, page=False, less=4),
    ),
    order="-weight",
    key="number",
    nothing=m("There is no such review."),
)
WOULD_OPEN = List(
    "would-open",
    m("Reviews that would be opened"),
    (
        Column("dealer", m("Dealer"), Kind.CODE, link="/dealers/{dealer}", shown="name", sub="dealer", wraps=True),
        Column("weight", m("Weight"), Kind.COUNT, sort=False),
        Column(
            "findings",
            m("Findings"),
            of=lambda row: tuple(each.said for each in row["findings"]),
            sort=False,
            wraps=True,
        ),
        Column("proposal", m("Proposal"), Kind.CHOICE, choices=REVIEW_ACT_NAMES, sort=False, wraps=True),
        Column("overdue", m("Overdue"), Kind.MONEY, currency="currency", sort=False, less=1),
        Column("used", m("Limit used"), Kind.PERCENT, sort=False, less=1),
        Column("currency", m("Currency"), Kind.CODE, sort=False),
    ),
    order="dealer",
    key="dealer",
    nothing=m("It would open no review."),
)
TOGETHER = List(
    "reviews-together",
    m("Reviews decided together"),
    (
        Column(
            "dealer",
            m("Dealer"),
            Kind.CODE,
            link="/dealers/{dealer}/reviews/{number}",
            shown="name",
            sub="dealer",
            wraps=True,
            sort=False,
        ),
        Column("number", m("No."), Kind.SERIAL, page=False),
        Column("proposal", m("Proposal"), Kind.CHOICE, choices=REVIEW_ACT_NAMES, sort=False, wraps=True, less=1),
        Column("decision", m("Decision"), Kind.CHOICE, choices=REVIEW_ACT_NAMES, sort=False, wraps=True),
        Column("before", m("Limit in force"), Kind.MONEY, currency="currency", sort=False, less=1),
        Column("amount", m("New limit"), Kind.MONEY, currency="currency", sort=False),
        Column("currency", m("Currency"), Kind.CODE, sort=False),
        Column("outcome", m("What is done"), Kind.CHOICE, choices=OUTCOME_NAMES, sort=False, wraps=True),
        Column("why_not", m("Left undecided because"), sort=False, wraps=True, nothing=m("nothing is against it")),
    ),
    order="number",
    key="number",
    nothing=m("No review matches."),
)
