"""Names of what the pages that join rooms show."""

from collections.abc import Mapping
from types import MappingProxyType

from channel.errors import Message, m

KIND_NAMES: Mapping[str, Message] = MappingProxyType(
    {"sell-in": m("Sell-in"), "sell-through": m("Sell-through"), "stock": m("Stock")}
)
