"""What the room `imports` brings to the house."""

from datetime import time

from channel.access.rules import Right
from channel.brings import Brings
from channel.errors import m
from channel.imports import api, pages
from channel.imports.lists import LOADS
from channel.imports.service.sharing import latest_loads
from channel.imports.service.uploads import forget_uploads
from channel.imports.service.worker import LOADING
from channel.imports.trail_words import TRAIL
from channel.panels import Panel
from channel.work.rules import Every, Rhythm
from channel.work.service import Work

BRINGS = Brings(
    routes=(*api.ROUTES, *pages.ROUTES),
    nav=pages.NAV,
    words=TRAIL,
    panels=(
        Panel(
            "loads",
            m("Loads"),
            Right.KEEP_PEOPLE,
            LOADS,
            ("file_name", "kind", "asked_by", "asked_at", "state"),
            m("All loads"),
            "/imports",
            latest_loads,
        ),
    ),
    work=(LOADING, Work("uploads past their time", lambda _: forget_uploads(), Every(Rhythm.DAY, time(3, 20)))),
)
