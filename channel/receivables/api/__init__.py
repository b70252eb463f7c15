"""JSON face of the room `receivables`."""

from channel.receivables.api import (
    accounts,
    ageing,
    allocating,
    calls,
    contact_log,
    disputes,
    documents,
    figures,
    incidents,
    months,
    open_items,
    promises,
    statements,
    unknown_money,
    waiting,
)
from channel.receivables.rules.settings import LEDGER_RULES
from channel.versions import api as versions

ROUTES = (
    *accounts.ROUTES,
    *allocating.ROUTES,
    *waiting.ROUTES,
    *ageing.ROUTES,
    *documents.ROUTES,
    *open_items.ROUTES,
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
