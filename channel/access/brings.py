"""What the room `access` brings to the house."""

from datetime import timedelta

from channel.access import api, pages
from channel.access import service as access
from channel.access.service.territories import reconcile_tree
from channel.access.trail_words import TRAIL
from channel.brings import Brings, Kept
from channel.database import db
from channel.errors import m
from channel.jobs import DAY, Job

BRINGS = Brings(
    routes=(*api.ROUTES, *pages.ROUTES),
    nav=pages.NAV,
    words=TRAIL,
    jobs=(
        Job("the database's clock", timedelta(minutes=1), db.measure_clock),
        Job("old sign-ins, sessions and keys", DAY, access.forget_old, past=timedelta(hours=3, minutes=10)),
    ),
    # The first line of all: the scope of every other hangs on the tree.
    kept=(Kept("tree", m("territory tree against the territories' parents"), reconcile_tree),),
)
