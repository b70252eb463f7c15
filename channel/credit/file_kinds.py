"""The kinds of files of the room `credit`."""

from collections.abc import Mapping
from types import MappingProxyType

from channel.errors import Message, m

FIGURES: Mapping[str, Message] = MappingProxyType(
    {
        "total_assets": m("Total assets"),
        "current_assets": m("Current assets"),
        "inventory": m("Inventory"),
        "current_liabilities": m("Current liabilities"),
        "total_debt": m("Total liabilities"),
        "net_worth": m("Net worth"),
        "retained_earnings": m("Retained earnings"),
        "ebit": m("Earnings before interest and taxes"),
        "sales": m("Sales"),
        "net_profit": m("Net profit"),
        "market_equity": m("Market value of equity"),
    }
)
"""The figures of a dealer's financial statement."""
