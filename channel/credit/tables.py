"""The tables of the room as Piccolo sees them: a mirror of the migrations, compared with the catalogue by a test."""

from piccolo.table import Table

from channel.database.columns import (
    JSON,
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


class FinancialStatement(Table):
    """A dealer's figures of one period."""

    KEY = ("dealer_id", "id")
    dealer_id = BigInt()
    id = BigSerial(primary_key=True)
    period_end = Date()
    period_months = Integer()
    currency = Text()
    total_assets = Numeric.or_none(digits=(18, 4))
    current_assets = Numeric.or_none(digits=(18, 4))
    inventory = Numeric.or_none(digits=(18, 4))
    current_liabilities = Numeric.or_none(digits=(18, 4))
    total_debt = Numeric.or_none(digits=(18, 4))
    net_worth = Numeric.or_none(digits=(18, 4))
    retained_earnings = Numeric.or_none(digits=(18, 4))
    ebit = Numeric.or_none(digits=(18, 4))
    sales = Numeric.or_none(digits=(18, 4))
    net_profit = Numeric.or_none(digits=(18, 4))
    market_equity = Numeric.or_none(digits=(18, 4))
    void = Boolean()
    posting_id = BigInt()


class CreditFact(Table):
    """A score, references, a need or a best high credit of a dealer."""

    KEY = ("dealer_id", "id")
    dealer_id = BigInt()
    id = BigSerial(primary_key=True)
    fact = Text()
    factor = Text()
    amounts = Array(base_column=Numeric(digits=(18, 4)))
    currency = Text.or_none()
    effective_on = Date()
    reason = Text.or_none()
    posting_id = BigInt()


class AssessmentRun(Table):
    """A computation of limits, for one dealer or many."""

    id = BigSerial(primary_key=True)
    as_of = Date()
    known_at = Timestamptz()
    known_past = Boolean()
    policy_version = Integer()
    asked = Text()
    person = Text()
    posting_id = BigInt()


class AssessmentCount(Table):
    """How many limits a run computed and withheld."""

    run_id = BigInt(primary_key=True)
    computed = Integer()
    withheld = Integer()


class Assessment(Table):
    """A limit as it was computed, with what it was computed from."""

    KEY = ("dealer_id", "id")
    dealer_id = BigInt()
    id = BigSerial(primary_key=True)
    run_id = BigInt()
    currency = Text()
    amount = Numeric.or_none(digits=(24, 4))
    unrounded = Numeric.or_none(digits=(38, 12))
    company_amount = Numeric.or_none(digits=(24, 4))
    in_force = Numeric.or_none(digits=(24, 4))
    withheld = JSONB(null=True)
    inputs = JSON()
    decision = JSON()


class LimitProposal(Table):
    """What a request for a change of a limit is about, under the request's number."""

    KEY = ("dealer_id", "id")
    dealer_id = BigInt()
    id = BigInt(primary_key=True)
    kind = Text()
    amount = Numeric.or_none(digits=(24, 4))
    currency = Text()
    from_on = Date()
    to_on = Date.or_none()
    assessment_id = BigInt.or_none()
    run_id = BigInt.or_none()
    before_amount = Numeric.or_none(digits=(24, 4))
    company_amount = Numeric.or_none(digits=(24, 4))
    company_rate = Numeric.or_none(digits=(24, 12))
    rate_as_of = Date()
    change_amount = Numeric.or_none(digits=(24, 4))
    raise_id = BigInt.or_none()
    policy_version = Integer.or_none()


class CreditLimit(Table):
    """A line of the journal of limits."""

    KEY = ("dealer_id", "id")
    dealer_id = BigInt()
    id = BigSerial(primary_key=True)
    kind = Text()
    amount = Numeric.or_none(digits=(24, 4))
    currency = Text()
    from_on = Date()
    to_on = Date.or_none()
    ends_id = BigInt.or_none()
    proposal_id = BigInt()
    posting_id = BigInt()


class LimitSpan(Table):
    """From when to when which limit is in force, by which the list of dealers is sorted."""

    KEY = ("dealer_id", "from_on")
    dealer_id = BigInt(primary_key=True)
    from_on = Date()
    to_on = Date.or_none()
    company_amount = Numeric.or_none()


class RunProposal(Table):
    """A proposal that a run made or found standing."""

    KEY = ("dealer_id", "run_id", "proposal_id")
    dealer_id = BigInt(primary_key=True)
    run_id = BigInt()
    proposal_id = BigInt()
    assessment_id = BigInt()
