"""What the room `sales` brings to the house."""

from channel.brings import Brings, Kept
from channel.errors import m
from channel.sales import api, pages
from channel.sales.service.late_reports import LATE_REPORT, LOOKING
from channel.sales.service.loader import LOADERS
from channel.sales.service.views import reconcile_rollups
from channel.sales.service.years import keep_year, reconcile_years
from channel.work.rules import Every, Rhythm
from channel.work.service import Work

BRINGS = Brings(
    routes=(*api.ROUTES, *pages.ROUTES),
    nav=pages.NAV,
    loaders=LOADERS,
    tasks=(LATE_REPORT,),
    work=(Work("twelve months of sell-in", lambda _: keep_year(), Every(Rhythm.DAY)), *LOOKING),
    kept=(
        Kept("rollups", m("monthly rollups against the live lines"), reconcile_rollups),
        Kept("years", m("twelve months of sell-in against the monthly rollups"), reconcile_years),
    ),
)
