"""Names of what the pages that join rooms show."""

from collections.abc import Mapping
from types import MappingProxyType

from channel.errors import Message, m

KIND_NAMES: Mapping[str, Message] = MappingProxyType(
    {"sell-in": m("Sell-in"), "sell-through": m("Sell-through"), "stock": m("Stock")}
)
PROPOSED_NAMES: Mapping[str, Message] = MappingProxyType(
    {
        "base": m("Limit"),
        "temporary": m("Temporary increase"),
        "end": m("End of the limit"),
        "raise_end": m("End of a raise"),
    }
)
