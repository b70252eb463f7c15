"""HTML face of the room `receivables`."""

from channel.access.rules import Right
from channel.errors import m
from channel.receivables.pages import (
    ageing,
    allocating,
    calls,
    contact_log,
    dealer,
    disputes,
    documents,
    figures,
    incidents,
    months,
    open_items,
    overview,
    promises,
    statements,
    unknown_money,
    waiting,
)
from channel.receivables.rules.settings import LEDGER_RULES
from channel.versions import pages as versions
from channel.web import NavItem

ROUTES = (
    *overview.ROUTES,
    *open_items.ROUTES,
    *documents.ROUTES,
    *dealer.ROUTES,
    *allocating.ROUTES,
    *waiting.ROUTES,
    *ageing.ROUTES,
    *disputes.ROUTES,
    *figures.ROUTES,
    *months.ROUTES,
    *promises.ROUTES,
    *incidents.ROUTES,
    *contact_log.ROUTES,
    *calls.ROUTES,
    *statements.ROUTES,
    *unknown_money.ROUTES,
    *versions.routes_of(LEDGER_RULES),
)
NAV = (
    NavItem(m("Receivables"), "/receivables", 350, Right.SEE_RECEIVABLES),
    NavItem(m("Acts that wait"), "/receivables/waiting", 353, Right.SEE_RECEIVABLES),
    NavItem(m("Disputes"), "/receivables/disputes", 354, Right.SEE_RECEIVABLES),
    NavItem(m("Ageing"), "/receivables/ageing", 351, Right.SEE_RECEIVABLES),
    NavItem(m("Promises to pay"), "/receivables/promises", 355, Right.SEE_RECEIVABLES),
    NavItem(m("Credit incidents"), "/receivables/incidents", 356, Right.SEE_RECEIVABLES),
    NavItem(m("Call list"), "/receivables/calls", 351, Right.SEE_RECEIVABLES),
    NavItem(m("Contact log"), "/receivables/contact-log", 357, Right.SEE_RECEIVABLES),
    NavItem(m("Statements of account"), "/receivables/statements", 352, Right.SEE_RECEIVABLES),
    NavItem(m("Closed months"), "/receivables/months", 744, Right.SEE_RECEIVABLES, "setup"),
    NavItem(m("Rules of the ledger"), "/receivables/rules", 745, Right.SEE_RECEIVABLES, "setup"),
)
"""The room's entries in the list beside every page."""
