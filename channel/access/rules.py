"""Roles, rights and scope: who may do what, decided from plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from channel.errors import Forbidden, Message, m


class Role(StrEnum):
    """What somebody is here for. A person has one role; `system` belongs to machines, `operator` to the host."""

    MANAGER = "manager"
    FINANCE = "finance"
    REGIONAL = "regional"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    SYSTEM = "system"
    OPERATOR = "operator"


ROLE_NAMES: Mapping[Role, Message] = MappingProxyType(
    {
        Role.MANAGER: m("Channel manager"),
        Role.FINANCE: m("Finance"),
        Role.REGIONAL: m("Regional staff"),
        Role.AUDITOR: m("Auditor"),
        Role.ADMINISTRATOR: m("Administrator"),
        Role.SYSTEM: m("System"),
        Role.OPERATOR: m("Operator"),
    }
)


class Right(StrEnum):
    """What can be done, named by the act; `RIGHTS` says by whom."""

    SEE_DEALERS = "see dealers"
    KEEP_DEALERS = "keep dealers"
    ENTER_FOR_DEALERS = "enter for dealers"
    CHANGE_DEALER_FACTS = "change dealer facts"
    KEEP_TERRITORIES = "keep territories"
    KEEP_PRODUCTS = "keep products"
    KEEP_RATES = "keep rates"
    GRANT_EXCLUSIVITY = "grant exclusivity"
    LOAD_REPORTS = "load reports"
    LOAD_MASTERS = "load masters"
    SEE_SALES = "see sales"
    KEEP_STATEMENTS = "keep statements"
    SEE_CREDIT = "see credit"
    ASSESS_CREDIT = "assess credit"
    PROPOSE_LIMIT = "propose limit"
    DECIDE_LIMIT = "decide limit"
    PROPOSE_POLICY = "propose policy"
    DECIDE_POLICY = "decide policy"
    KEEP_PEOPLE = "keep people"
    KEEP_SETTINGS = "keep settings"
    READ_AUDIT = "read audit"
    OPERATE = "operate"


_ALL_PEOPLE = frozenset({Role.MANAGER, Role.FINANCE, Role.REGIONAL, Role.AUDITOR, Role.ADMINISTRATOR})
_DECIDING = frozenset({Role.MANAGER, Role.FINANCE})

RIGHTS: Mapping[Right, frozenset[Role]] = MappingProxyType(
    {
        Right.SEE_DEALERS: _ALL_PEOPLE | {Role.SYSTEM},
        Right.KEEP_DEALERS: frozenset({Role.MANAGER}),
        Right.ENTER_FOR_DEALERS: frozenset({Role.MANAGER, Role.FINANCE, Role.REGIONAL}),
        Right.CHANGE_DEALER_FACTS: _DECIDING,
        Right.KEEP_TERRITORIES: frozenset({Role.MANAGER}),
        Right.KEEP_PRODUCTS: frozenset({Role.MANAGER}),
        Right.KEEP_RATES: frozenset({Role.FINANCE, Role.SYSTEM}),
        Right.GRANT_EXCLUSIVITY: frozenset({Role.MANAGER}),
        Right.LOAD_REPORTS: _DECIDING | {Role.REGIONAL, Role.SYSTEM},
        Right.LOAD_MASTERS: _DECIDING | {Role.SYSTEM},
        Right.SEE_SALES: _ALL_PEOPLE | {Role.SYSTEM},
        Right.KEEP_STATEMENTS: _DECIDING | {Role.REGIONAL, Role.SYSTEM},
        Right.SEE_CREDIT: _ALL_PEOPLE | {Role.SYSTEM},
        Right.ASSESS_CREDIT: _ALL_PEOPLE | {Role.SYSTEM},
        Right.PROPOSE_LIMIT: _DECIDING | {Role.REGIONAL},
        Right.DECIDE_LIMIT: frozenset({Role.FINANCE}),
        Right.PROPOSE_POLICY: _DECIDING,
        Right.DECIDE_POLICY: frozenset({Role.FINANCE}),
        Right.KEEP_PEOPLE: frozenset({Role.ADMINISTRATOR, Role.OPERATOR}),
        Right.KEEP_SETTINGS: frozenset({Role.ADMINISTRATOR}),
        Right.READ_AUDIT: frozenset({Role.AUDITOR, Role.ADMINISTRATOR}),
        Right.OPERATE: frozenset({Role.OPERATOR}),
    }
)


@dataclass(frozen=True, slots=True)
class Person:
    """Who stands behind an act: somebody signed in, a machine's token, or the operator on the host.

    `territory_ids` are the nodes to which regional staff and restricted tokens are bound; empty and not `bound`
    means every territory. `locale` is None where the person has chosen none.
    """

    login: str
    name: str
    role: Role
    person_id: int | None = None
    token_id: int | None = None
    session_id: int | None = None
    bound: bool = False
    territory_ids: tuple[int, ...] = ()
    locale: str | None = None

    def may(self, right: Right) -> bool:
        """Whether the role holds the right."""
        return self.role in RIGHTS[right]

    @property
    def via(self) -> str:
        """By which door the person came, for the audit trail."""
        if self.role is Role.OPERATOR:
            return "operator"
        return f"token {self.token_id}" if self.token_id is not None else f"session {self.session_id}"


OPERATOR = Person(login="operator", name="operator", role=Role.OPERATOR)
"""Whoever works on the machine of the data folder; only the few operator commands act so."""


def require(person: Person, right: Right) -> None:
    """Pass when the person's role holds the right; otherwise refuse, naming the roles that do."""
    if person.may(right):
        return
    holders = ", ".join(sorted(role.value for role in RIGHTS[right]))
    raise Forbidden(
        m(
            "Your role (%(role)s) may not do this: %(right)s. It belongs to: %(holders)s.",
            role=person.role.value,
            right=right.value,
            holders=holders,
        )
    )
