"""What is found in what was seen of a dealer, by the edges of the plan: each finding with its figures and weight."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from msgspec import Struct

from channel.credit.rules.json_values import from_stored, to_stored
from channel.errors import Message, m
from channel.money import exact_text, round_half_away
from channel.periods import plus_months
from channel.receivables.rules.documents import EXACT
from channel.reviews.rules.plan import FindingKind, ReviewPlan
from channel.reviews.rules.snapshot import Snapshot

_HUNDRED = Decimal(100)


class Finding(Struct, frozen=True, gc=False):
    """One finding: what it is, how much it weighs, and its figures in words."""

    kind: FindingKind
    weight: int
    said: Message


def compute_findings(plan: ReviewPlan, seen: Snapshot) -> tuple[Finding, ...]:
    """Every finding that the plan looks for, the heaviest first; where there is none, that nothing was found.

    An edge itself is no finding but where its words say that it is reached. What is not known finds nothing, except
    what is looked for because it is missing: a statement, a grade, a contact.
    """
    found = []
    for rule in plan.findings:
        said = _LOOKS[rule.finding](seen, Decimal(0) if rule.edge is None else rule.edge)
        if said is not None:
            found.append(Finding(rule.finding, rule.weight, said))
    found.sort(key=lambda each: -each.weight)
    return tuple(found) or (Finding(FindingKind.NOTHING, 0, m("Nothing was found that the plan looks for.")),)


def weight_of(findings: tuple[Finding, ...]) -> int:
    """By how much a review stands before others in the queue: the sum of its findings' weights."""
    return sum(each.weight for each in findings)


def findings_to_document(findings: tuple[Finding, ...]) -> list[Any]:
    """The findings as JSON values."""
    document: list[Any] = to_stored(findings)
    return document


def findings_from_document(document: list[Any]) -> tuple[Finding, ...]:
    """The findings that were kept."""
    findings: tuple[Finding, ...] = from_stored(tuple[Finding, ...], document)
    return findings


def _percent(share: Decimal) -> str:
    return f"{round_half_away(EXACT.multiply(share, _HUNDRED), 1):f}"


def _amount(seen: Snapshot, amount: Decimal) -> str:
    return exact_text(amount, seen.currency)


def _overdue_rising(seen: Snapshot, edge: Decimal) -> Message | None:
    now, before = seen.overdue, seen.overdue_before
    if now is None or before is None or now <= EXACT.add(before, EXACT.multiply(before, edge)):
        return None
    return m(
        "overdue rose from %(before)s on %(on)s to %(now)s",
        before=_amount(seen, before),
        on=seen.compared_on,
        now=_amount(seen, now),
    )


def _days_worse(seen: Snapshot, edge: Decimal) -> Message | None:
    now, before = seen.late_days, seen.late_days_before
    if now is None or before is None or EXACT.subtract(now, before) <= edge:
        return None
    return m(
        "what was settled lately came %(now)s days beyond terms, before that %(before)s",
        now=f"{round_half_away(now, 1):f}",
        before=f"{round_half_away(before, 1):f}",
    )


def _use_high(seen: Snapshot, edge: Decimal) -> Message | None:
    if not is_above(seen, edge):
        return None
    if seen.limit is None or seen.exposure is None:
        return None
    words = {"exposure": _amount(seen, seen.exposure), "limit": _amount(seen, seen.limit)}
    if seen.used is None:
        return m("exposure %(exposure)s against a limit of %(limit)s", **words)
    return m("exposure %(exposure)s takes %(used)s%% of the limit of %(limit)s", used=_percent(seen.used), **words)


def is_above(seen: Snapshot, edge: Decimal) -> bool:
    """Whether the exposure passes a share of the limit in force; while either is not known, it does not."""
    return passes(seen.exposure, seen.limit, edge)


def passes(exposure: Decimal | None, limit: Decimal | None, share: Decimal) -> bool:
    """Whether an exposure is above a share of a limit, both known; any exposure is above a limit of 0."""
    return exposure is not None and limit is not None and exposure > EXACT.multiply(limit, share)


def _promise_broken(seen: Snapshot, edge: Decimal) -> Message | None:
    if seen.broken_promises <= edge:
        return None
    return m("promises to pay broken in 12 months: %(count)s", count=str(seen.broken_promises))


def _incidents(seen: Snapshot, edge: Decimal) -> Message | None:
    if seen.incident_count <= edge:
        return None
    return m("credit incidents in 12 months: %(count)s", count=str(seen.incident_count))


def _sell_in_above(seen: Snapshot, edge: Decimal) -> Message | None:
    turned = seen.turned
    if turned is None or turned.sell_in <= EXACT.multiply(max(turned.sell_through, Decimal(0)), edge):
        return None
    return m(
        "in %(count)s months %(bought)s went in and %(sold)s through",
        count=str(turned.months),
        bought=f"{round_half_away(turned.sell_in, 0):,f}",
        sold=f"{round_half_away(turned.sell_through, 0):,f}",
    )


def _reports_missing(seen: Snapshot, edge: Decimal) -> Message | None:
    if seen.missing_reports is None or seen.missing_reports <= edge:
        return None
    return m("months of 12 with a report missing: %(count)s", count=str(seen.missing_reports))


def _terms_stretched(seen: Snapshot, edge: Decimal) -> Message | None:
    now, before = seen.terms_days, seen.terms_before
    if now is None or before is None or now - before <= edge:
        return None
    return m("payment terms went from %(before)s to %(now)s days within a year", before=str(before), now=str(now))


def _limit_off(seen: Snapshot, edge: Decimal) -> Message | None:
    off = limit_change(seen)
    if off is None or seen.limit_base is None or abs(off) <= EXACT.multiply(seen.limit_base, edge):
        return None
    amount = EXACT.add(seen.limit_base, off)
    return m(
        "the policy gives %(policy)s, in force are %(limit)s",
        policy=_amount(seen, amount),
        limit=_amount(seen, seen.limit_base),
    )


def limit_change(seen: Snapshot) -> Decimal | None:
    """The limit by policy less the one in force without raises, in one currency; None where either is not known."""
    policy, base = seen.policy, seen.limit_base
    if policy is None or policy.amount is None or base is None or policy.currency != seen.currency:
        return None
    return EXACT.subtract(policy.amount, base)


def _limit_old(seen: Snapshot, edge: Decimal) -> Message | None:
    """A limit is older than its basis where grade, terms or statement are newer, or it is older than so many months."""
    since = seen.limit_since
    if seen.limit is None or since is None:
        return None
    newer: Mapping[Message, date | None] = {
        m("grade"): seen.grade_since, m("payment terms"): seen.terms_since, m("financial statement"): seen.statement_on,
    }  # fmt: skip
    changed = [name for name, day in newer.items() if day is not None and day > since]
    if changed:
        return m("the limit stands since %(on)s, newer are: %(what)s", on=since, what=changed)
    if plus_months(since, int(edge)) < seen.as_of:
        return m("the limit stands since %(on)s, more than %(months)s months", on=since, months=str(int(edge)))
    return None


def _limit_ends(seen: Snapshot, edge: Decimal) -> Message | None:
    days = seen.days_to_end
    if days is None or days > edge or seen.limit_until is None:
        return None
    return m("the limit ends before %(on)s, in %(days)s days", on=seen.limit_until, days=str(days))


def _statement_old(seen: Snapshot, _edge: Decimal) -> Message | None:
    if not seen.statement_is_old:
        return None
    if seen.statement_on is None:
        return m("no financial statement is known")
    return m(
        "the latest financial statement is of %(on)s, more than %(months)s months old",
        on=seen.statement_on,
        months=str(seen.statement_months),
    )


def _file_stale(seen: Snapshot, edge: Decimal) -> Message | None:
    if seen.grade is None:
        return m("no grade was given")
    if not is_stale(seen, int(edge)) or seen.oldest_fact is None:
        return None
    return m(
        "the oldest of grade and credit facts is of %(on)s, more than %(months)s months old",
        on=seen.oldest_fact,
        months=str(int(edge)),
    )


def is_stale(seen: Snapshot, months: int) -> bool:
    """Whether a credit fact or the grade is older than so many months, or there is no grade."""
    oldest = seen.oldest_fact
    return seen.grade is None or (oldest is not None and plus_months(oldest, months) < seen.as_of)


def _no_contact(seen: Snapshot, edge: Decimal) -> Message | None:
    if not lacks_contact(seen, int(edge)):
        return None
    if seen.contact_on is None:
        return m("no contact was ever written down")
    return m("the last contact was on %(on)s", on=seen.contact_on)


def lacks_contact(seen: Snapshot, days: int) -> bool:
    """Whether nobody has had contact for more than so many days, or ever."""
    return seen.contact_on is None or (seen.as_of - seen.contact_on).days > days


_LOOKS: Mapping[FindingKind, Callable[[Snapshot, Decimal], Message | None]] = {
    FindingKind.OVERDUE_RISING: _overdue_rising,
    FindingKind.DAYS_WORSE: _days_worse,
    FindingKind.USE_HIGH: _use_high,
    FindingKind.PROMISE_BROKEN: _promise_broken,
    FindingKind.INCIDENTS: _incidents,
    FindingKind.SELL_IN_ABOVE: _sell_in_above,
    FindingKind.REPORTS_MISSING: _reports_missing,
    FindingKind.TERMS_STRETCHED: _terms_stretched,
    FindingKind.LIMIT_OFF: _limit_off,
    FindingKind.LIMIT_OLD: _limit_old,
    FindingKind.LIMIT_ENDS: _limit_ends,
    FindingKind.STATEMENT_OLD: _statement_old,
    FindingKind.FILE_STALE: _file_stale,
    FindingKind.NO_CONTACT: _no_contact,
}
