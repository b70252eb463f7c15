"""The shipped policy: turnover on sell-in, told as a receipt."""

from datetime import date
from decimal import Decimal

from channel.credit.rules import Rate, compute_limit
from channel.credit.rules.steps import StepKind
from tests.make.credit import DEFAULT_POLICY, months, snapshot

D = Decimal
YEAR = [70_000, None, 92_000, 99_000, 110_000, 104_000, 117_000, 126_000, 119_000, 133_000, 142_000, 88_000]


def test_the_receipt_of_the_shipped_policy() -> None:
    decision = compute_limit(
        DEFAULT_POLICY,
        snapshot(
            as_of=date(2026, 11, 1),
            months=months(YEAR, date(2026, 11, 1)),
            currency="EUR",
            terms_days=45,
            grade_since=date(2025, 6, 30),
            limit_in_force=D(90_000),
            rates=(Rate("EUR", D("1.08"), date(2026, 10, 30)),),
        ),
    )
    told = [(str(step.name), "; ".join(map(str, step.inputs)), step.kind.value) for step in decision.steps]
    assert told == [
        ("Mean monthly sell-in", "12 complete months; 11 covered; 2025-12 missing", "value"),
        ("Payment terms", "45 days ÷ 30", "factor"),
        ("Grade AA", "since 2025-06-30", "factor"),
        ("Turnover limit", "", "subtotal"),
        ("Rise cap", "135,000 is +50% over 90,000", "cap"),
        ("Limit", "rounded down to 100", "total"),
    ]
    mean, terms, grade, turnover, rise, limit = decision.steps
    assert mean.after == D("109090.909090909091")
    assert (terms.factor, grade.factor) == (D("1.5"), D("1.0"))
    assert turnover.after == D("163636.363636363636")
    assert rise.bound
    assert (rise.before, rise.after) == (turnover.after, D(135_000))
    assert [step.bound for step in decision.steps].count(True) == 1
    assert limit.kind is StepKind.TOTAL
    assert (decision.amount, decision.unrounded, decision.company_amount) == (D(135_000), D(135_000), D("145800.0000"))
    assert decision.approvals_needed == 2
    assert decision.valid_until == date(2027, 11, 1)
    assert [str(note) for note in decision.notes] == ["1 of 12 months have no report"]
