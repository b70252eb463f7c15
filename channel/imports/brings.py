"""What the room `imports` brings to the house."""

from datetime import timedelta

from channel.brings import Brings
from channel.imports import api, pages
from channel.imports.service.uploads import forget_uploads
from channel.imports.trail_words import TRAIL
from channel.jobs import DAY, Job

BRINGS = Brings(
    routes=(*api.ROUTES, *pages.ROUTES),
    nav=pages.NAV,
    words=TRAIL,
    jobs=(Job("uploads past their time", DAY, forget_uploads, past=timedelta(hours=3, minutes=20)),),
)
