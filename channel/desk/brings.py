"""What the room `desk` brings to the house."""

from channel.brings import Brings
from channel.desk import api, pages

BRINGS = Brings(
    routes=(*api.ROUTES, *pages.ROUTES),
    nav=pages.NAV,
)
