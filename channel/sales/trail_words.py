"""The trail's words of the room `sales`."""

from channel.access.trail_words import TrailWords
from channel.errors import m

TRAIL = TrailWords(
    acts={
        "load sell-in": m("Sell-in loaded"),
        "load sell-through": m("Sell-through loaded"),
        "load stock": m("Stock loaded"),
    },
)
