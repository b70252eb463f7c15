"""What the room `imports` brings to the house."""

from datetime import timedelta

from channel.access.rules import Right
from channel.brings import Brings
from channel.errors import m
from channel.imports import api, pages
from channel.imports.lists import LOADS
from channel.imports.service.sharing import latest_loads
from channel.imports.service.uploads import forget_uploads
from channel.imports.trail_words import TRAIL
from channel.jobs import DAY, Job
from channel.panels import Panel

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
    jobs=(Job("uploads past their time", DAY, forget_uploads, past=timedelta(hours=3, minutes=20)),),
)
