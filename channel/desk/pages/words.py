"""Names of what the pages that join rooms show."""

from collections.abc import Mapping
from types import MappingProxyType

from channel.errors import Message, m

KIND_NAMES: Mapping[str, Message] = MappingProxyType(
    {"sell-in": m("Sell-in"), "sell-through": m("Sell-through"), "stock": m("Stock")}
)
ACT_NAMES: Mapping[str, Message] = MappingProxyType(
    {
        "add dealer": m("Dealer added"),
        "change dealer": m("Name or traits changed"),
        "change dealer fact": m("Fact changed"),
        "load dealers": m("Dealers loaded"),
        "load sell-in": m("Sell-in loaded"),
        "load sell-through": m("Sell-through loaded"),
        "load stock": m("Stock loaded"),
        "load statements": m("Statements loaded"),
        "assess credit": m("Limit assessed"),
        "propose limit": m("Limit proposed"),
        "approve limit": m("Limit approved"),
        "refuse limit": m("Limit refused"),
        "withdraw limit": m("Proposal taken back"),
        "keep statement": m("Statement kept"),
        "void statement": m("Statement voided"),
        "keep credit fact": m("Credit fact kept"),
        "keep second tier": m("Second-tier customer kept"),
        "grant exclusivity": m("Exclusivity granted"),
        "end exclusivity": m("Exclusivity ended"),
    }
)
"""Acts of the trail as people say them; one that is not here is shown by its own name."""

PROPOSED_NAMES: Mapping[str, Message] = MappingProxyType(
    {"base": m("Limit"), "temporary": m("Temporary raise"), "end": m("End of the limit")}
)
LOAD_STATES: Mapping[str, Message] = MappingProxyType(
    {
        "queued": m("waiting"),
        "running": m("under way"),
        "checked": m("checked"),
        "loaded": m("loaded"),
        "unchanged": m("nothing new"),
        "refused": m("refused"),
        "failed": m("failed"),
    }
)
