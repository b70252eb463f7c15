"""Roles, rights and scope: who may do what, decided from plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from channel.errors import FieldError, Forbidden, Message, m


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
    SEE_SALES = "see sales"
    KEEP_STATEMENTS = "keep statements"
    SEE_RECEIVABLES = "see receivables"
    POST_DOCUMENTS = "post documents"
    ALLOCATE_MONEY = "allocate money"
    WRITE_OFF = "write off"
    KEEP_DISPUTES = "keep disputes"
    END_DISPUTES = "end disputes"
    CLOSE_MONTHS = "close months"
    KEEP_UNKNOWN_MONEY = "keep unknown money"
    ENTER_PROMISES = "enter promises"
    DO_TASKS = "do tasks"
    LOG_CONTACTS = "log contacts"
    SEE_CREDIT = "see credit"
    ASSESS_CREDIT = "assess credit"
    PROPOSE_LIMIT = "propose limit"
    DECIDE_LIMIT = "decide limit"
    SEE_REVIEWS = "see reviews"
    OPEN_REVIEWS = "open reviews"
    DECIDE_REVIEWS = "decide reviews"
    DECIDE_HOLDS = "decide holds"
    PROPOSE_POLICY = "propose policy"
    DECIDE_POLICY = "decide policy"
    KEEP_PEOPLE = "keep people"
    KEEP_SETTINGS = "keep settings"
    READ_AUDIT = "read audit"
    OPERATE = "operate"


_ALL_PEOPLE = frozenset({Role.MANAGER, Role.FINANCE, Role.REGIONAL, Role.AUDITOR, Role.ADMINISTRATOR})
_DECIDING = frozenset({Role.MANAGER, Role.FINANCE})
_KEEPING = frozenset({Role.MANAGER, Role.SYSTEM})
"""Who keeps the masters: a machine brings them from the company's other systems, by file or by act."""

RIGHTS: Mapping[Right, frozenset[Role]] = MappingProxyType(
    {
        Right.SEE_DEALERS: _ALL_PEOPLE | {Role.SYSTEM},
        Right.KEEP_DEALERS: _KEEPING,
        Right.ENTER_FOR_DEALERS: _DECIDING | {Role.REGIONAL, Role.SYSTEM},
        Right.CHANGE_DEALER_FACTS: _DECIDING | {Role.SYSTEM},
        Right.KEEP_TERRITORIES: _KEEPING,
        Right.KEEP_PRODUCTS: _KEEPING,
        Right.KEEP_RATES: frozenset({Role.FINANCE, Role.SYSTEM}),
        Right.GRANT_EXCLUSIVITY: frozenset({Role.MANAGER}),
        Right.LOAD_REPORTS: _DECIDING | {Role.REGIONAL, Role.SYSTEM},
        Right.SEE_SALES: _ALL_PEOPLE | {Role.SYSTEM},
        Right.KEEP_STATEMENTS: _DECIDING | {Role.REGIONAL, Role.SYSTEM},
        Right.SEE_RECEIVABLES: _ALL_PEOPLE - {Role.ADMINISTRATOR} | {Role.SYSTEM},
        Right.POST_DOCUMENTS: frozenset({Role.FINANCE, Role.SYSTEM}),
        Right.ALLOCATE_MONEY: frozenset({Role.FINANCE}),
        Right.WRITE_OFF: frozenset({Role.FINANCE}),
        Right.KEEP_DISPUTES: _DECIDING | {Role.REGIONAL},
        Right.END_DISPUTES: _DECIDING,
        Right.CLOSE_MONTHS: frozenset({Role.FINANCE}),
        Right.KEEP_UNKNOWN_MONEY: frozenset({Role.FINANCE, Role.SYSTEM}),
        Right.ENTER_PROMISES: _DECIDING | {Role.REGIONAL},
        Right.DO_TASKS: _DECIDING | {Role.REGIONAL},
        Right.LOG_CONTACTS: _DECIDING | {Role.REGIONAL},
        Right.SEE_CREDIT: _ALL_PEOPLE | {Role.SYSTEM},
        Right.ASSESS_CREDIT: _DECIDING | {Role.REGIONAL, Role.SYSTEM},
        Right.PROPOSE_LIMIT: _DECIDING | {Role.REGIONAL},
        Right.DECIDE_LIMIT: frozenset({Role.FINANCE}),
        Right.SEE_REVIEWS: _ALL_PEOPLE - {Role.ADMINISTRATOR} | {Role.SYSTEM},
        Right.OPEN_REVIEWS: _DECIDING,
        Right.DECIDE_REVIEWS: _DECIDING | {Role.REGIONAL},
        Right.DECIDE_HOLDS: _DECIDING,
        Right.PROPOSE_POLICY: _DECIDING,
        Right.DECIDE_POLICY: frozenset({Role.FINANCE}),
        Right.KEEP_PEOPLE: frozenset({Role.ADMINISTRATOR, Role.OPERATOR}),
        Right.KEEP_SETTINGS: frozenset({Role.ADMINISTRATOR}),
        Right.READ_AUDIT: frozenset({Role.AUDITOR, Role.ADMINISTRATOR}),
        Right.OPERATE: frozenset({Role.OPERATOR}),
    }
)


WHOLE_COMPANY = frozenset(
    {
        Right.KEEP_TERRITORIES,
        Right.KEEP_PRODUCTS,
        Right.KEEP_RATES,
        Right.CLOSE_MONTHS,
        Right.KEEP_UNKNOWN_MONEY,
        Right.OPEN_REVIEWS,
        Right.PROPOSE_POLICY,
        Right.DECIDE_POLICY,
        Right.KEEP_PEOPLE,
        Right.KEEP_SETTINGS,
    }
)
"""Rights over what no territory holds: nobody who is bound to territories has them, so that a token narrowed to a
branch cannot change what holds outside it, nor make itself a wider one."""

ADDED_BY_DUTIES: Mapping[Right, Message] = MappingProxyType(
    {
        Right.SEE_DEALERS: m("See dealers"),
        Right.KEEP_DEALERS: m("Keep dealers"),
        Right.ENTER_FOR_DEALERS: m("Enter names, traits and contacts of dealers"),
        Right.CHANGE_DEALER_FACTS: m("Change grade, terms, status and territory of dealers"),
        Right.GRANT_EXCLUSIVITY: m("Grant exclusivity"),
        Right.LOAD_REPORTS: m("Load sales reports"),
        Right.SEE_SALES: m("See sales"),
        Right.KEEP_STATEMENTS: m("Keep financial statements"),
        Right.SEE_RECEIVABLES: m("See receivables"),
        Right.POST_DOCUMENTS: m("Post documents"),
        Right.ALLOCATE_MONEY: m("Allocate money"),
        Right.ENTER_PROMISES: m("Enter promises to pay"),
        Right.LOG_CONTACTS: m("Write contacts with dealers down"),
        Right.SEE_CREDIT: m("See credit limits"),
        Right.SEE_REVIEWS: m("See reviews"),
        Right.ASSESS_CREDIT: m("Assess credit limits"),
        Right.PROPOSE_LIMIT: m("Propose credit limits"),
    }
)
"""The rights that a duty may add to those of a role, each with its name: the work with dealers, and nothing else.

Whoever decides, keeps people, reads the trail or changes what holds for the whole company does so by his role, which
everybody finds in `RIGHTS`: a duty comes and goes by the day, and nobody is to find in it the second half of what two
people have to do. A right that is new is added by no duty until it is named here.
"""
HELPED_BY_DUTIES = frozenset({Role.MANAGER, Role.FINANCE, Role.REGIONAL})
"""The roles to which duties add rights: who audits or keeps people has no hand in what he watches over."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who stands behind an act: somebody signed in, a machine's token, or the operator on the host.

    `territory_ids` are the nodes to which regional staff and restricted tokens are bound; empty and not `bound`
    means every territory. `narrowed` is said of a token that is bound more tightly than its person (or, of a
    machine, at all). `locale` is None where the person has chosen none. `added` are the rights of the duties that the
    person has today; they widen no scope.
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
    narrowed: bool = False
    added: frozenset[Right] = frozenset()

    def may(self, right: Right) -> bool:
        """Whether role or duty gives the right, and nothing binds the person where the right concerns everybody."""
        if right in self.added and right in ADDED_BY_DUTIES and self.role in HELPED_BY_DUTIES:
            return True
        return self.role in RIGHTS[right] and not (self.bound and right in WHOLE_COMPANY)

    @property
    def own_token_id(self) -> int | None:
        """The token to which alone belongs what it brings: a machine's, or one bound more tightly than its person."""
        return self.token_id if self.person_id is None or self.narrowed else None

    @property
    def owned_by(self) -> tuple[int | None, int | None]:
        """Person and token that are written down with what he brings."""
        return self.person_id, self.own_token_id

    @property
    def door(self) -> tuple[int | None, int | None]:
        """Token and session by which he came."""
        return self.token_id, self.session_id

    @property
    def owner(self) -> str:
        """Whose things are his own: the person's, whichever way he came in, or those of such a token alone.

        A login says who it was to people; two machines may have one, and the tokens of a person have his.
        """
        if self.own_token_id is not None:
            return f"token {self.own_token_id}"
        return "" if self.person_id is None else f"person {self.person_id}"

    @property
    def files_by(self) -> str | None:
        """The door (`via`) whose files alone the trail names to him, where he is bound; None where it names all."""
        return self.via if self.bound else None

    @property
    def via(self) -> str:
        """By which door the person came, for the audit trail."""
        if self.role is Role.OPERATOR:
            return "operator"
        if self is SERVICE:
            return "service"
        if self.token_id is not None:
            return f"token {self.token_id}"
        return "sign-in" if self.session_id is None else f"session {self.session_id}"


OPERATOR = Person(login="operator", name="operator", role=Role.OPERATOR)
"""Whoever works on the machine of the data folder; only the few operator commands act so."""
SERVICE = Person(login="channel", name="channel", role=Role.SYSTEM)
"""The service itself, which does what is due."""


def holders_of(right: Right) -> tuple[Message, ...]:
    """The names of the roles that hold a right; the operator's only where it is nobody else's."""
    people = tuple(ROLE_NAMES[role] for role in Role if role in RIGHTS[right] and role is not Role.OPERATOR)
    return people or (ROLE_NAMES[Role.OPERATOR],)


def require(person: Person, right: Right) -> None:
    """Pass when the person holds the right; otherwise refuse, naming the roles that do, or what binds the person."""
    if person.may(right):
        return
    if person.role in RIGHTS[right]:
        raise Forbidden(m("This token is bound to territories, and the act concerns the whole company."))
    raise Forbidden(
        m(
            "This is not for your role (%(role)s). It belongs to: %(holders)s.",
            role=ROLE_NAMES[person.role],
            holders=holders_of(right),
        )
    )


def binding_fault(role: Role, territories: Sequence[str]) -> FieldError | None:
    """Why this role and these territories do not go together: regional staff are bound, nobody else is."""
    if role is Role.REGIONAL and not territories:
        return FieldError("territories", m("Regional staff need at least one territory."))
    if role is not Role.REGIONAL and territories:
        return FieldError("territories", m("Only regional staff are bound to territories."))
    return None
