"""What the room `sales` brings to the house."""

from channel.brings import Brings, Kept
from channel.errors import m
from channel.jobs import QUARTER, Job
from channel.sales import api, pages
from channel.sales.service.loader import LOADERS
from channel.sales.service.views import reconcile_rollups
from channel.sales.service.years import keep_year, reconcile_years

BRINGS = Brings(
    routes=(*api.ROUTES, *pages.ROUTES),
    nav=pages.NAV,
    loaders=LOADERS,
    jobs=(Job("twelve months of sell-in", QUARTER, keep_year),),
    kept=(
        Kept("rollups", m("monthly rollups against the live lines"), reconcile_rollups),
        Kept("years", m("twelve months of sell-in against the monthly rollups"), reconcile_years),
    ),
)
