"""What the room `dealers` brings to the house."""

from channel.brings import Brings, Concern, Kept
from channel.dealers import api, pages
from channel.dealers.queries.codes import differing_in_writing
from channel.dealers.service.facts import apply_due_facts, reconcile_dealers
from channel.dealers.service.loads import LOADERS
from channel.dealers.trail_words import TRAIL
from channel.errors import m
from channel.jobs import QUARTER, Job

BRINGS = Brings(
    routes=(*api.ROUTES, *pages.ROUTES),
    nav=pages.NAV,
    words=TRAIL,
    loaders=LOADERS,
    jobs=(Job("facts whose day has come", QUARTER, apply_due_facts),),
    kept=(Kept("dealers", m("dealers' present values against their dated facts"), reconcile_dealers),),
    concerns=(Concern("codes", m("codes that differ only in how they are written"), differing_in_writing),),
)
