"""The tables of the room as Piccolo sees them: a mirror of the migrations, compared with the catalogue by a test."""

from piccolo.table import Table

from channel.database.columns import (
    JSONB,
    Array,
    BigInt,
    BigSerial,
    Boolean,
    Date,
    Integer,
    Numeric,
    Text,
    Timestamptz,
)


class ReviewPlan(Table):
    """A plan of reviews, and up to which day its periods have been asked for."""

    code = Text(primary_key=True)
    planned_until = Date.or_none()
    posting_id = BigInt()


class ReviewPlanPause(Table):
    """From which day on a plan is paused, or goes on."""

    id = BigSerial(primary_key=True)
    plan = Text()
    from_on = Date()
    paused = Boolean()
    reason = Text()
    posting_id = BigInt()


class ReviewRun(Table):
    """The opening of the reviews of a plan and period."""

    id = BigSerial(primary_key=True)
    plan = Text()
    period = Date()
    plan_version = Integer()
    policy_version = Integer()
    known_at = Timestamptz()
    compared_on = Date()
    since_on = Date.or_none()
    since_known_at = Timestamptz.or_none()
    looked_until = BigInt()
    looked_at = Integer()
    opened = Integer()
    ended_at = Timestamptz.or_none()
    problem = JSONB(null=True)
    posting_id = BigInt()


class Review(Table):
    """What was seen of a dealer on a day, what was found in it, and what is proposed."""

    KEY = ("dealer_id", "number")
    dealer_id = BigInt()
    number = BigSerial(primary_key=True)
    run_id = BigInt()
    plan = Text()
    as_of = Date()
    kind = Text()
    currency = Text()
    overdue = Numeric.or_none(digits=(24, 4))
    exposure = Numeric.or_none(digits=(24, 4))
    limit_amount = Numeric.or_none(digits=(24, 4))
    limit_until = Date.or_none()
    used = Numeric.or_none(digits=(24, 4))
    finding_kinds = Array(base_column=Text())
    weight = Integer()
    proposal = Text()
    proposed_amount = Numeric.or_none(digits=(24, 4))
    proposed_until = Date.or_none()
    snapshot = JSONB()
    findings = JSONB()
    role = Text()
    member_id = BigInt.or_none()
    decide_by = Date()
    decided_by = BigInt.or_none()
    posting_id = BigInt()
    escalated_on = Date.or_none()
    escalated_to = BigInt.or_none()


class ReviewDecision(Table):
    """What was decided of a review, and what came of it."""

    KEY = ("dealer_id", "number")
    dealer_id = BigInt()
    number = BigInt(primary_key=True)
    act = Text()
    told = JSONB()
    reason = Text()
    person_id = BigInt.or_none()
    outcome = JSONB()
    decided_on = Date()
    posting_id = BigInt()


class ReviewStep(Table):
    """What else happened to a review until it was decided."""

    KEY = ("dealer_id", "id")
    dealer_id = BigInt()
    number = BigInt()
    id = BigSerial(primary_key=True)
    step = Text()
    step_on = Date()
    from_id = BigInt.or_none()
    to_id = BigInt.or_none()
    said = Text.or_none()
    posting_id = BigInt()
