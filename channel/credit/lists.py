"""The lists of the room `credit`."""

from collections.abc import Mapping
from typing import Any

from channel.credit.file_kinds import FIGURES
from channel.credit.rules.choices import FACT_NAMES, JOURNAL_NAMES, KIND_NAMES, STATE_KINDS, STATE_NAMES
from channel.credit.trail_words import asked_words
from channel.dealers.rules import STATUS_NAMES
from channel.errors import Message, m
from channel.lists import Column, Kind, List, several

IN_FORCE = List(
    "limits-in-force",
    m("Limits in force"),
    (
        Column("dealer", m("Dealer code"), Kind.CODE),
        Column("name", m("Name"), link="/credit/dealers/{dealer}", sub="dealer", less=1),
        Column("amount", m("Limit"), Kind.MONEY, currency="currency"),
        Column("currency", m("Currency"), Kind.CODE),
        Column("from_on", m("From"), Kind.DAY, less=1),
        Column("to_on", m("Until before"), Kind.DAY, nothing=m("without an end")),
        Column("company_amount", m("In company currency"), Kind.MONEY, less=3, page=False),
    ),
    order="dealer",
    key="dealer",
    nothing=m("No limit is in force on this day."),
)


def _stale(row: Mapping[str, Any]) -> list[Message]:
    return [each.said for each in row["stale"]]


PROPOSALS = List(
    "limit-proposals",
    m("Proposals"),
    (
        Column("id", m("No."), Kind.SERIAL),
        Column("dealer", m("Dealer"), Kind.CODE),
        Column("name", m("Name"), link="/credit/proposals/{id}", less=6),
        Column("status", m("Status of the dealer"), Kind.CHOICE, choices=STATUS_NAMES, less=1),
        Column("kind", m("What"), Kind.CHOICE, choices=KIND_NAMES),
        Column("before_amount", m("In force"), Kind.MONEY, nothing=m("no limit set"), less=1),
        Column("amount", m("Proposed limit"), Kind.MONEY, currency="currency", nothing=m("none")),
        Column("currency", m("Currency"), Kind.CODE),
        Column("change_amount", m("Change, company currency"), Kind.MONEY, by="size", nothing=m("no rate")),
        Column("approvals", m("Approved by"), sort=False, nothing=m("none yet"), less=5, wraps=True),
        Column("approvals_needed", m("Needs"), Kind.COUNT, sort=False, less=4),
        Column("stale", m("Out of date"), of=_stale, sort=False, wraps=True),
        Column("state", m("State"), Kind.CHOICE, choices=STATE_NAMES, colours=STATE_KINDS, less=7),
        Column("proposer", m("Proposed by"), less=3, wraps=True),
        Column("proposed_at", m("Proposed"), Kind.MOMENT, link="/credit/proposals/{id}", sub="proposer", less=7),
        Column("reason", m("Reason"), less=2, wraps=True),
    ),
    order="-change_amount",
    key="-id",
    nothing=m("There is no such proposal."),
)
RUNS = List(
    "limit-runs",
    m("Runs"),
    (
        Column("id", m("Run"), Kind.SERIAL, link="/credit/runs/{id}"),
        Column("as_of", m("As of"), Kind.DAY),
        Column("known_at", m("As known at"), Kind.MOMENT, page=False, less=2),
        Column("asked", m("Asked for"), of=lambda row: asked_words(row["asked"]), by="asked", page=False, less=1),
        Column("person", m("By"), page=False),
        Column("computed", m("Computed"), Kind.COUNT),
        Column("withheld", m("Withheld"), Kind.COUNT),
        Column("open_proposals", m("Open proposals"), Kind.COUNT),
    ),
    order="-id",
    nothing=m("Nothing has been assessed yet."),
)


def _withheld(row: Mapping[str, Any]) -> Message | None:
    return None if row["withheld"] is None else Message.from_json(row["withheld"])


ASSESSMENTS = List(
    "assessments",
    m("Assessments"),
    (
        Column("dealer", m("Dealer"), Kind.CODE, page=False),
        Column("name", m("Name"), link="/credit/assessments/{id}"),
        Column("status", m("Status"), Kind.CHOICE, choices=STATUS_NAMES, page=False, less=3),
        Column("in_force", m("In force"), Kind.MONEY, nothing=m("no limit set"), less=1),
        Column("amount", m("Limit"), Kind.MONEY, currency="currency", nothing=m("withheld")),
        Column("currency", m("Currency"), Kind.CODE),
        Column("withheld", m("Withheld because"), of=_withheld, sort=False, wraps=True),
        Column("id", m("Assessment"), Kind.SERIAL, page=False, less=2),
    ),
    order="dealer",
)
JOURNAL = List(
    "limit-journal",
    m("Journal of limits"),
    (
        Column("from_on", m("From"), Kind.DAY),
        Column("to_on", m("Until before"), Kind.DAY, nothing=m("without an end")),
        Column("kind", m("What"), Kind.CHOICE, choices=JOURNAL_NAMES),
        Column("amount", m("Amount"), Kind.MONEY, currency="currency"),
        Column("currency", m("Currency"), Kind.CODE),
        Column("proposer", m("Proposed by"), link="/credit/proposals/{proposal_id}", sub="reason", less=1, wraps=True),
        Column("votes", m("Approved by"), nothing=m("no approval needed"), sort=False, wraps=True),
        Column("reason", m("Reason"), less=3),
        Column("recorded_at", m("Recorded"), Kind.MOMENT, less=2),
    ),
    order="-recorded_at",
    key="-id",
    nothing=m("No limit has come into force yet: propose one, and somebody else approves it."),
)
STATEMENTS = List(
    "statements",
    m("Statements"),
    (
        Column("period_end", m("Period's last day"), Kind.DAY),
        Column("period_months", m("Months"), Kind.COUNT, plural=several("%(num)s month", "%(num)s months")),
        Column("currency", m("Currency"), Kind.CODE),
        *(Column(name, label, Kind.MONEY, nothing=m("not shown"), less=1) for name, label in FIGURES.items()),
        Column("recorded_at", m("Recorded"), Kind.MOMENT, less=3),
        Column("actor", m("By"), less=2),
    ),
    order="period_end",
    key="period_end",
    nothing=m("No statement is kept for this dealer."),
)
FACTS = List(
    "credit-facts",
    m("What else is known"),
    (
        Column("fact", m("What"), Kind.CHOICE, choices=FACT_NAMES),
        Column("factor", m("Factor")),
        Column("amounts", m("Values"), sort=False),
        Column("currency", m("Currency"), Kind.CODE),
        Column("effective_on", m("From"), Kind.DAY),
        Column("reason", m("Reason")),
        Column("actor", m("By")),
    ),
    order="fact",
    key="key",
    nothing=m("Nothing is known of this dealer's credit."),
)
