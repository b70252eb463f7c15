"""What must be held to load each kind of file: the rights of the acts for which its lines stand, all of them."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from channel.access.rules import Person, Right, require
from channel.imports.rules.kinds import Kind

_DEALERS = (Right.KEEP_DEALERS, Right.CHANGE_DEALER_FACTS, Right.ENTER_FOR_DEALERS)
"""A line adds a dealer, or gives one another name, dated facts, traits, lines and a contact."""

RIGHTS_OF_FILES: Mapping[Kind, tuple[Right, ...]] = MappingProxyType(
    {
        Kind.SELL_IN: (Right.LOAD_REPORTS,),
        Kind.SELL_THROUGH: (Right.LOAD_REPORTS,),
        Kind.STOCK: (Right.LOAD_REPORTS,),
        Kind.DEALERS: _DEALERS,
        Kind.PRODUCTS: (Right.KEEP_PRODUCTS,),
        Kind.TERRITORIES: (Right.KEEP_TERRITORIES,),
        Kind.STATEMENTS: (Right.KEEP_STATEMENTS,),
        Kind.RATES: (Right.KEEP_RATES,),
    }
)
"""Kind -> rights. Page, API and command ask here alone, before anything of a file is kept; the worker asks again."""

MASTERS_MADE: Mapping[str, Kind] = MappingProxyType({"dealers": Kind.DEALERS, "products": Kind.PRODUCTS})
"""What a report may create of what it names and nobody knows -> the kind of file that would do the same."""


def may_load(person: Person, kind: Kind) -> bool:
    """Whether the person may do by a file what its lines stand for."""
    return all(person.may(right) for right in RIGHTS_OF_FILES[kind])


def require_file(person: Person, kind: Kind, create_missing: Iterable[str] = ()) -> None:
    """Pass when the person may load the kind, and create what the load is to create; otherwise `Forbidden`."""
    for each in (kind, *(MASTERS_MADE[name] for name in create_missing if name in MASTERS_MADE)):
        for right in RIGHTS_OF_FILES[each]:
            require(person, right)


def require_some_file(person: Person) -> None:
    """Pass when the person may load files of any kind."""
    if not any(may_load(person, kind) for kind in RIGHTS_OF_FILES):
        require(person, Right.LOAD_REPORTS)
