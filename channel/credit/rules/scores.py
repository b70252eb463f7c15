"""Limits and judgements from what is known of a dealer besides sales and statements: scores, history, default odds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from channel.credit.rules.inputs import CreditInputs, company_rate
from channel.credit.rules.owed import cleared_balance, cleared_said
from channel.credit.rules.parameters import CharacteristicBand, FactorWeight
from channel.credit.rules.policy import Policy
from channel.credit.rules.steps import (
    EXACT,
    MethodResult,
    Step,
    StepKind,
    Withheld,
    Working,
    percent,
    settled,
    told,
    total,
)
from channel.credit.rules.turnover import counted_grade
from channel.errors import Message, m
from channel.own_words import own

_LEAST_SCORE, _BEST_SCORE = Decimal(1), Decimal(10)


@dataclass(frozen=True, slots=True)
class Characteristic:
    """The result of a characteristic analysis: percent of the best score, its band, and the share of weights scored."""

    percent: Decimal
    band: CharacteristicBand
    known_rate: Decimal


def characteristic_analysis(
    weights: Sequence[FactorWeight],
    bands: Sequence[CharacteristicBand],
    scores: Mapping[str, Decimal | None],
    least_known_rate: Decimal,
) -> Characteristic | Withheld:
    """Percent = sum(weight x score) / sum(weight x 10) over the factors that are scored. 特征分析模型.

    A factor without a score is left out, never taken for a bad one; when less than the wanted share of the weights is
    scored, and when a score is not between 1 and 10, the result is withheld.
    """
    known = [(weight.weight, score) for weight in weights if (score := scores.get(weight.factor)) is not None]
    wrong = sorted(name for name, score in scores.items() if score is not None and not _is_score(score))
    if wrong:
        return Withheld(m("scores go from 1 to 10, these do not: %(factors)s", factors=", ".join(wrong)))
    known_weight = total(weight for weight, _ in known)
    known_rate = EXACT.divide(known_weight, total(weight.weight for weight in weights))
    if known_weight == 0 or known_rate < least_known_rate:
        rates = {"known": percent(settled(known_rate)), "least": percent(least_known_rate)}
        return Withheld(m("%(known)s of the weights are scored, at least %(least)s are needed", **rates))
    weighted = total(EXACT.multiply(weight, score) for weight, score in known)
    result = EXACT.divide(EXACT.multiply(weighted, Decimal(100)), EXACT.multiply(known_weight, _BEST_SCORE))
    band = [band for band in bands if band.from_percent <= result][-1]
    return Characteristic(result, band, known_rate)


def characteristic_gate(policy: Policy, inputs: CreditInputs) -> Step | Withheld:
    """The factor of the characteristic analysis' band, as a step without running amounts."""
    parameters = policy.parameters
    analysis = characteristic_analysis(
        parameters.characteristic_weights,
        parameters.characteristic_bands,
        dict(inputs.scores),
        parameters.characteristic_known_rate,
    )
    if isinstance(analysis, Withheld):
        return analysis
    meaning = own(analysis.band.meaning)
    said = (
        m(
            "%(percent)s of the best score",
            percent=percent(settled(analysis.percent / 100).quantize(Decimal("0.0001"))),
        ),
        meaning if isinstance(meaning, Message) else m("%(meaning)s", meaning=meaning),
        m("%(known)s of the weights scored", known=percent(analysis.known_rate.quantize(Decimal("0.0001")))),
    )
    return Step("characteristic", StepKind.FACTOR, m("Characteristic analysis"), said, factor=analysis.band.factor)


def best_high_credit(policy: Policy, inputs: CreditInputs) -> MethodResult | Withheld:
    """The largest balance that the dealer cleared on terms within twelve months x the policy's growth factor.

    It is what people keep of it, or what the ledger tells, as the policy says.
    """
    working = Working()
    if policy.parameters.high_credit_from_ledger:
        cleared = cleared_balance(inputs)
        if isinstance(cleared, Withheld):
            return cleared
        working.value("high_credit", m("Best high credit"), cleared.amount, *cleared_said(cleared, inputs.currency))
    elif inputs.best_high_credit is None:
        return Withheld(m("no balance is known that was cleared on terms in the last twelve months"))
    else:
        said = m("cleared on terms within 12 months")
        working.value("high_credit", m("Best high credit"), inputs.best_high_credit, said)
    working.times("high_credit_growth", m("Growth"), policy.parameters.high_credit_growth_factor)
    working.subtotal("high_credit_limit", m("Limit by best high credit"))
    return working.result()


def expected_loss_limit(policy: Policy, inputs: CreditInputs) -> MethodResult | Withheld:
    """The exposure at which PD x LGD x exposure reaches the policy's ceiling for one dealer."""
    grade, reason = counted_grade(policy, inputs)
    if grade is None:
        return Withheld(m("no grade is set"))
    rate = company_rate(inputs, inputs.currency)
    if rate is None:
        return Withheld(
            m(
                "no rate from %(currency)s to %(company)s for %(on)s",
                currency=inputs.currency,
                company=inputs.company_currency,
                on=inputs.as_of,
            )
        )
    parameters = policy.parameters
    default_rate, loss_rate = parameters.default_rates.of(grade), parameters.loss_given_default_rate
    lost = EXACT.multiply(default_rate, loss_rate)
    if lost == 0:
        return Withheld(m("grade %(grade)s has no expected loss, which bounds nothing", grade=grade))
    working = Working()
    ceiling = EXACT.divide(parameters.expected_loss_ceiling, rate.rate)
    said = m("%(amount)s %(company)s", amount=told(parameters.expected_loss_ceiling), company=inputs.company_currency)
    working.value("loss_ceiling", m("Most expected loss"), ceiling, said)
    rates = {"pd": percent(default_rate), "lgd": percent(loss_rate)}
    working.value(
        "expected_loss",
        m("Limit by expected loss"),
        EXACT.divide(ceiling, lost),
        m("Grade %(grade)s", grade=grade),
        m("÷ default %(pd)s ÷ loss given default %(lgd)s", **rates),
        reason=reason,
    )
    return working.result()


def _is_score(score: Decimal) -> bool:
    return score.is_finite() and _LEAST_SCORE <= score <= _BEST_SCORE
