"""What the room `credit` brings to the house."""

from channel.brings import Brings, Concern, Kept
from channel.credit import api, pages
from channel.credit.service.ended import end_limits, reconcile_ended
from channel.credit.service.limit_spans import lacking_approvals, reconcile_spans
from channel.credit.service.loads import LOADERS
from channel.credit.trail_words import TRAIL
from channel.errors import m

BRINGS = Brings(
    routes=(*api.ROUTES, *pages.ROUTES),
    nav=pages.NAV,
    words=TRAIL,
    loaders=LOADERS,
    followers=(end_limits,),
    kept=(
        Kept("limits", m("limits in force by day against the journal of limits"), reconcile_spans),
        Kept("ended", m("limits and open proposals against the end of the cooperation"), reconcile_ended),
    ),
    concerns=(
        Concern(
            "approvals",
            m("limits in force with fewer approvals than the policy needs for their total"),
            lacking_approvals,
        ),
    ),
)
