"""What the room `access` brings to the house."""

from datetime import time

from channel.access import api, pages
from channel.access import service as access
from channel.access.service.territories import reconcile_tree
from channel.access.trail_words import TRAIL
from channel.brings import Brings, Kept
from channel.errors import m
from channel.work.rules import Every, Rhythm
from channel.work.service import Work

BRINGS = Brings(
    routes=(*api.ROUTES, *pages.ROUTES),
    nav=pages.NAV,
    words=TRAIL,
    work=(Work("old sign-ins, sessions and keys", lambda _: access.forget_old(), Every(Rhythm.DAY, time(3, 10))),),
    # The first line of all: the scope of every other hangs on the tree.
    kept=(Kept("tree", m("territory tree against the territories' parents"), reconcile_tree),),
)
