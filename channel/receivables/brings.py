"""What the room `receivables` brings to the house."""

from channel.brings import Brings, Kept
from channel.errors import m
from channel.receivables import api, pages
from channel.receivables.rules.settings import LEDGER_RULES
from channel.receivables.service.kept import reconcile_ledger
from channel.receivables.service.loads import LOADERS
from channel.receivables.trail_words import TRAIL
from channel.versions.service import deciding_of

BRINGS = Brings(
    routes=(*api.ROUTES, *pages.ROUTES),
    nav=pages.NAV,
    words=TRAIL,
    loaders=LOADERS,
    deciding=(deciding_of(LEDGER_RULES, "ledger_rules"),),
    kept=(Kept("ledger", m("open items and account rows against what was posted"), reconcile_ledger),),
)
