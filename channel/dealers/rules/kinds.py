"""Kinds of dealers and what marks them, in the words of the trade."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from channel.errors import Message, m


class DealerType(StrEnum):
    """The two types: the wholesale dealer waits for buyers (坐商), the terminal dealer goes out to users (行商)."""

    WHOLESALE = "wholesale"
    TERMINAL = "terminal"


DEALER_TYPE_NAMES: Mapping[DealerType, Message] = MappingProxyType(
    {DealerType.WHOLESALE: m("Wholesale"), DealerType.TERMINAL: m("Terminal")}
)


class SellingWay(StrEnum):
    """How a dealer comes by its sales."""

    PASSIVE = "passive"
    ACTIVE = "active"


SELLING_WAY_NAMES: Mapping[SellingWay, Message] = MappingProxyType(
    {
        SellingWay.PASSIVE: m("Waits for buyers to come"),
        SellingWay.ACTIVE: m("Goes out to customers of its own"),
    }
)


class Assortment(StrEnum):
    """What a dealer puts on its shelves."""

    BEST_SELLERS = "best-sellers"
    BROAD = "broad"
    FEW_SELECT = "few select"


ASSORTMENT_NAMES: Mapping[Assortment, Message] = MappingProxyType(
    {
        Assortment.BEST_SELLERS: m("Best-sellers"),
        Assortment.BROAD: m("Broad range"),
        Assortment.FEW_SELECT: m("Few goods of the middle and upper range"),
    }
)


class MarginLevel(StrEnum):
    """What a dealer earns on a sale, and has to: a terminal dealer's cost of selling is high."""

    THIN = "thin"
    USUAL = "usual"
    HIGH = "high"


MARGIN_NAMES: Mapping[MarginLevel, Message] = MappingProxyType(
    {MarginLevel.THIN: m("Thin"), MarginLevel.USUAL: m("Usual"), MarginLevel.HIGH: m("High, at a high cost")}
)


class PriceLevel(StrEnum):
    """At which prices a dealer sells, against others in its place."""

    LOW = "low"
    MIDDLE = "middle"
    HIGH = "high"


PRICE_LEVEL_NAMES: Mapping[PriceLevel, Message] = MappingProxyType(
    {PriceLevel.LOW: m("Low"), PriceLevel.MIDDLE: m("Middle"), PriceLevel.HIGH: m("High")}
)


class PriceTransparency(StrEnum):
    """Whether the dealer's prices are known to everybody in the market."""

    OPEN = "open"
    PARTLY = "partly"
    CLOSED = "closed"


PRICE_TRANSPARENCY_NAMES: Mapping[PriceTransparency, Message] = MappingProxyType(
    {
        PriceTransparency.OPEN: m("Open prices"),
        PriceTransparency.PARTLY: m("Partly open prices"),
        PriceTransparency.CLOSED: m("Prices agreed with each customer"),
    }
)


class Status(StrEnum):
    """Where a dealer stands with us."""

    PROSPECT = "prospect"
    ACTIVE = "active"
    ON_HOLD = "on hold"
    ENDED = "ended"


STATUS_NAMES: Mapping[Status, Message] = MappingProxyType(
    {
        Status.PROSPECT: m("Prospect"),
        Status.ACTIVE: m("Active"),
        Status.ON_HOLD: m("On hold"),
        Status.ENDED: m("Ended"),
    }
)


class StatusAsked(StrEnum):
    """What a list of dealers can be asked by: a status, or those that stand together in figures."""

    PROSPECT = "prospect"
    ACTIVE = "active"
    ON_HOLD = "on hold"
    ENDED = "ended"
    AT_WORK = "at-work"
    CURRENT = "current"

    @property
    def statuses(self) -> tuple[str, ...]:
        """The statuses that it stands for."""
        match self:
            case StatusAsked.AT_WORK:
                return (Status.ACTIVE, Status.ON_HOLD)
            case StatusAsked.CURRENT:
                return (Status.PROSPECT, Status.ACTIVE, Status.ON_HOLD)
            case _:
                return (self.value,)


STATUS_ASKED_NAMES: Mapping[StatusAsked, Message] = MappingProxyType(
    {
        StatusAsked.CURRENT: m("All but ended"),
        StatusAsked.AT_WORK: m("Active or on hold"),
        **{StatusAsked(status.value): name for status, name in STATUS_NAMES.items()},
    }
)

ALLOWED_STATUS_CHANGES: Mapping[Status, frozenset[Status]] = MappingProxyType(
    {
        Status.PROSPECT: frozenset({Status.ACTIVE, Status.ENDED}),
        Status.ACTIVE: frozenset({Status.ON_HOLD, Status.ENDED}),
        Status.ON_HOLD: frozenset({Status.ACTIVE, Status.ENDED}),
        # Who comes back is looked at anew before he is active again.
        Status.ENDED: frozenset({Status.PROSPECT}),
    }
)

GRADES = ("AAA", "AA", "A", "B", "C")
"""Credit grades, best first."""


class SecondTierKind(StrEnum):
    """How a second-tier customer buys: from us through the dealer, from the dealer, or both."""

    DIRECT = "direct"
    INDIRECT = "indirect"
    MIXED = "mixed"


SECOND_TIER_NAMES: Mapping[SecondTierKind, Message] = MappingProxyType(
    {
        SecondTierKind.DIRECT: m("Direct retailer"),
        SecondTierKind.INDIRECT: m("Indirect retailer"),
        SecondTierKind.MIXED: m("Mixed"),
    }
)


@dataclass(frozen=True, slots=True)
class Traits:
    """What marks a dealer; None where nobody has found out yet."""

    selling_way: SellingWay | None = None
    assortment: Assortment | None = None
    margin_level: MarginLevel | None = None
    price_level: PriceLevel | None = None
    price_transparency: PriceTransparency | None = None
    brands_carried: int | None = None
    exclusivity_wanted: bool | None = None


TRAIT_NAMES: Mapping[str, Message] = MappingProxyType(
    {
        "selling_way": m("Way of selling"),
        "assortment": m("Assortment"),
        "margin_level": m("Margin"),
        "price_level": m("Price level"),
        "price_transparency": m("Price transparency"),
        "brands_carried": m("Brands carried"),
        "exclusivity_wanted": m("Exclusivity wanted"),
    }
)
TRAIT_CHOICES: Mapping[str, Mapping[Any, Message]] = MappingProxyType(
    {
        "selling_way": SELLING_WAY_NAMES,
        "assortment": ASSORTMENT_NAMES,
        "margin_level": MARGIN_NAMES,
        "price_level": PRICE_LEVEL_NAMES,
        "price_transparency": PRICE_TRANSPARENCY_NAMES,
    }
)
"""The traits that are chosen, each with the names of what can be chosen."""

TYPICAL_TRAITS: Mapping[DealerType, Traits] = MappingProxyType(
    {
        DealerType.WHOLESALE: Traits(
            selling_way=SellingWay.PASSIVE,
            assortment=Assortment.BEST_SELLERS,
            margin_level=MarginLevel.THIN,
            price_level=PriceLevel.LOW,
            price_transparency=PriceTransparency.OPEN,
        ),
        DealerType.TERMINAL: Traits(
            selling_way=SellingWay.ACTIVE,
            assortment=Assortment.FEW_SELECT,
            margin_level=MarginLevel.HIGH,
            exclusivity_wanted=True,
        ),
    }
)
"""What the type leads one to expect; None where it leads one to expect nothing."""


def traits_unlike_type(type: DealerType, traits: Traits) -> tuple[str, ...]:
    """The names of the traits that are known and differ from what the type leads one to expect."""
    typical = TYPICAL_TRAITS[type]
    names = (
        "selling_way",
        "assortment",
        "margin_level",
        "price_level",
        "price_transparency",
        "brands_carried",
        "exclusivity_wanted",
    )
    return tuple(
        name
        for name in names
        if getattr(typical, name) is not None
        and getattr(traits, name) is not None
        and getattr(typical, name) != getattr(traits, name)
    )


def type_mismatch(type: DealerType, line: str, wanted: DealerType | None) -> Message | None:
    """What to say of a dealer that carries a product line meant for the other type; None where it fits."""
    if wanted is None or wanted is type:
        return None
    return {
        DealerType.WHOLESALE: m("%(line)s wants a wholesale dealer; this one is a terminal dealer.", line=line),
        DealerType.TERMINAL: m("%(line)s wants a terminal dealer; this one is a wholesale dealer.", line=line),
    }[wanted]
