"""What the trail keeps as codes, in words that people read: the acts, their subjects, and the names of what changed.

The codes stay as they were written, so that a search by machine keeps finding them; every face takes its words here.
An act without a name is a fault of the code: `service.audit` refuses it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from urllib.parse import quote

from channel.access.rules import ROLE_NAMES, Right
from channel.errors import Message, m

ACTS: Mapping[str, Message] = MappingProxyType(
    {
        "add dealer": m("Dealer added"),
        "add person": m("Person added"),
        "add territory": m("Territory added"),
        "approve credit policy": m("Credit policy approved"),
        "approve limit": m("Limit approved"),
        "assess credit": m("Limits assessed"),
        "back up": m("Backup written"),
        "carry lines": m("Product lines carried changed"),
        "change currency": m("Currency changed"),
        "change dealer": m("Dealer's record changed"),
        "change first_year_target": m("First-year target changed"),
        "change grade": m("Grade changed"),
        "change parent": m("Parent dealer changed"),
        "change password": m("Password changed"),
        "change person": m("Person changed"),
        "change reports_due_day": m("Due day of reports changed"),
        "change reports_owed": m("Reports owed changed"),
        "change status": m("Status changed"),
        "change terms_days": m("Payment terms changed"),
        "change territory": m("Territory changed"),
        "change type": m("Dealer type changed"),
        "choose language": m("Language chosen"),
        "draft credit policy": m("Credit policy drafted"),
        "edit credit policy": m("Draft of a credit policy edited"),
        "end exclusivity": m("Exclusivity ended"),
        "end limit": m("Limit ended with the cooperation"),
        "fail to sign in": m("Sign-in failed"),
        "fill the demonstration": m("Demonstration filled"),
        "grant exclusivity": m("Exclusivity granted"),
        "find code taken": m("Codes of dealers out of sight found taken"),
        "keep contact": m("Contact recorded"),
        "keep credit fact": m("Credit information recorded"),
        "keep mapping": m("Column mapping kept"),
        "keep product": m("Product recorded"),
        "keep product line": m("Product line recorded"),
        "keep rate": m("Exchange rate recorded"),
        "keep second tier": m("Second-tier customer recorded"),
        "keep statement": m("Financial statement recorded"),
        "load dealers": m("Dealers loaded"),
        "load products": m("Products loaded"),
        "load rates": m("Exchange rates loaded"),
        "load sell-in": m("Sell-in loaded"),
        "load sell-through": m("Sell-through loaded"),
        "load statements": m("Financial statements loaded"),
        "load stock": m("Stock loaded"),
        "load territories": m("Territories loaded"),
        "make token": m("API token made"),
        "move clock": m("Clock moved"),
        "move territory": m("Territory moved"),
        "propose credit policy": m("Credit policy proposed"),
        "propose limit": m("Limit proposed"),
        "reconcile": m("Sums reconciled"),
        "refuse credit policy": m("Credit policy refused"),
        "refuse limit": m("Limit refused"),
        "remove contact": m("Contact taken out"),
        "remove mapping": m("Column mapping removed"),
        "remove second tier": m("Second-tier customer taken out"),
        "rename territory": m("Territory renamed"),
        "restore": m("Restored from a backup"),
        "revoke sessions": m("Sessions ended"),
        "revoke token": m("API token revoked"),
        "set company currency": m("Company currency set"),
        "set password": m("Password set anew"),
        "sign in": m("Sign-in"),
        "sign out": m("Signed out"),
        "void statement": m("Financial statement voided"),
        "withdraw credit policy": m("Credit policy withdrawn"),
        "withdraw limit": m("Limit proposal withdrawn"),
    }
)
"""Every act by its code. The word for it is a headline of what was done."""

RECONCILED: Mapping[str, Message] = MappingProxyType(
    {
        "tree": m("territory tree against the territories' parents"),
        "dealers": m("dealers' present values against their dated facts"),
        "rollups": m("monthly rollups against the live lines"),
        "years": m("twelve months of sell-in against the monthly rollups"),
        "limits": m("limits in force by day against the journal of limits"),
        "ended": m("limits and open proposals against the end of the cooperation"),
        "approvals": m("limits in force with fewer approvals than the policy needs for their total"),
        "codes": m("codes that differ only in how they are written"),
    }
)
"""What `reconcile` compares, and what it tells beside it, in the order in which it does."""

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

UNKNOWN = "-"
"""Who did something where nobody knows: no login can be this."""

NAMES: Mapping[str, Message] = MappingProxyType(
    {
        **{f"{part}.{key}": words for part in ("differences", "concerned") for key, words in RECONCILED.items()},
        **FIGURES,
        "concerned": m("dealers concerned"),
        "differences": m("differences"),
        "mend": m("computed anew"),
        "active": m("active"),
        "address": m("network address"),
        "amount": m("amount"),
        "amounts": m("amounts"),
        "as_of": m("as of"),
        "brands_carried": m("brands carried"),
        "by": m("by way of"),
        "code": m("code"),
        "computed": m("computed"),
        "counts": m("counts"),
        "counts.added": m("added"),
        "counts.changed": m("changed"),
        "counts.dealers": m("dealers"),
        "counts.facts": m("facts"),
        "counts.lines": m("lines"),
        "counts.loaded": m("loaded"),
        "counts.rejected": m("rejected"),
        "counts.superseded": m("superseded"),
        "counts.unchanged": m("unchanged"),
        "currency": m("currency"),
        "effective_on": m("effective from"),
        "email": m("e-mail"),
        "ended": m("ended"),
        "ended_on": m("cooperation ended on"),
        "exclusivity_wanted": m("exclusivity wanted"),
        "expires_at": m("ends"),
        "file": m("file"),
        "first_year_target": m("first-year target"),
        "from": m("effective from"),
        "from_on": m("effective from"),
        "grade": m("grade"),
        "grant": m("grant"),
        "in_force": m("limit in force before"),
        "kind": m("kind"),
        "level": m("level"),
        "line": m("product line"),
        "lines": m("product lines"),
        "locale": m("language"),
        "name": m("name"),
        "parent": m("above it"),
        "phone": m("phone"),
        "policy": m("policy"),
        "rate": m("rate"),
        "reports_due_day": m("reports due by day"),
        "reports_owed": m("reports owed"),
        "role": m("role"),
        "run": m("run"),
        "sha256": m("digest"),
        "state": m("state"),
        "status": m("status"),
        "terms_days": m("payment terms in days"),
        "territories": m("territories"),
        "territory": m("territory"),
        "to": m("until before"),
        "to_on": m("until before"),
        "tokens": m("API tokens"),
        "type": m("type"),
        "unit": m("unit"),
        "wanted_type": m("wanted type"),
        "withheld": m("withheld"),
    }
)
"""What a value before or after is called, where the name that the code gives it is not what people say.

The name of a value inside another stands behind that one's, after a point.
"""

VALUES: Mapping[tuple[str, str], Message] = MappingProxyType(
    {
        ("kind", "base"): m("Limit"),
        ("kind", "temporary"): m("Temporary raise"),
        ("kind", "end"): m("End of the limit"),
        ("kind", "raise_end"): m("End of a raise"),
        ("kind", "direct"): m("Direct retailer"),
        ("kind", "indirect"): m("Indirect retailer"),
        ("kind", "mixed"): m("Mixed"),
        ("state", "open"): m("open"),
        ("state", "in force"): m("in force"),
        ("state", "one approval more"): m("one approval more"),
        ("state", "approved"): m("approved"),
        ("state", "refused"): m("refused"),
        ("state", "withdrawn"): m("withdrawn"),
        ("state", "proposed"): m("proposed"),
        ("status", "prospect"): m("Prospect"),
        ("status", "active"): m("Active"),
        ("status", "on hold"): m("On hold"),
        ("status", "ended"): m("Ended"),
        ("type", "wholesale"): m("Wholesale"),
        ("type", "terminal"): m("Terminal"),
        ("wanted_type", "wholesale"): m("Wholesale"),
        ("wanted_type", "terminal"): m("Terminal"),
        ("by", "file"): m("a file"),
        **{("role", role.value): name for role, name in ROLE_NAMES.items()},
    }
)
"""Values that are words of ours, by the name they stand under."""

_CREDIT_FACTS: Mapping[str, Message] = MappingProxyType(
    {
        "score": m("Score of a factor"),
        "reference_limits": m("Limits of trade references"),
        "stated_need": m("Stated need"),
        "best_high_credit": m("Best high credit"),
    }
)
_KINDS: Mapping[str, Message] = MappingProxyType(
    {
        "sell-in": m("Sell-in"),
        "sell-through": m("Sell-through"),
        "stock": m("Stock"),
        "dealers": m("Dealers"),
        "products": m("Products"),
        "territories": m("Territories"),
        "statements": m("Statements"),
        "rates": m("Exchange rates"),
    }
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What an act was about: in words, where it lies (None where it has no page), and who may go there."""

    words: Message
    url: str | None = None
    right: Right | None = None


def act_words(code: str) -> Message:
    """What was done; a code that has no name any more is told as it stands."""
    return ACTS.get(code) or m("%(act)s", act=code)


def acts_said(text: str, tell: Callable[[Message], str]) -> list[str]:
    """The codes of the acts whose words hold this text, as `tell` says them."""
    sought = text.casefold()
    return [code for code, words in ACTS.items() if sought in tell(words).casefold()]


def subject_words(act: str, subject: str) -> Subject:
    """What an act was about; a subject of no form known here is told as it stands."""
    if act in {"keep mapping", "remove mapping"}:
        kind, _, name = subject.partition(" ")
        return Subject(m("%(kind)s: %(name)s", kind=_KINDS.get(kind, kind), name=name))
    if act == "keep credit fact":
        fact, _, factor = subject.partition(" ")
        words = _CREDIT_FACTS.get(fact, fact)
        return Subject(m("%(kind)s: %(name)s", kind=words, name=factor) if factor else m("%(kind)s", kind=words))
    for start, words_of, url in _FORMS:
        rest = subject.removeprefix(start)
        if rest != subject:
            place = None if url is None else url + quote(rest.partition(":")[0], safe="")
            return Subject(words_of(rest), place, _RIGHTS.get(start))
    return Subject(_WHOLE.get(subject) or m("%(subject)s", subject=subject))


def via_words(via: str) -> Message:
    """By which door somebody came: a session or a token with its number, or what the trail says."""
    door, _, number = via.partition(" ")
    match door:
        case "session" if number:
            return m("session %(number)s", number=number)
        case "token" if number:
            return m("API token %(number)s", number=number)
        case "sign-in":
            return m("the sign-in")
        case "sign-in":
            return m("signing in")
        case _:
            return m("%(via)s", via=via)


def asked_words(asked: str) -> Message:
    """What a run was asked to assess: all dealers, one, or a territory."""
    return subject_words("", asked).words


def _run(rest: str) -> Message:
    number, _, asked = rest.partition(": ")
    return m("Run %(run)s: %(dealers)s", run=number, dealers=asked_words(asked))


def _rate(rest: str) -> Message:
    currency, _, day = rest.partition(" ")
    return m("Rate of %(currency)s of %(day)s", currency=currency, day=_dated(day))


def _dated(day: str) -> object:
    """The day as a date, which is told as the reader writes it; what is none stays as it is."""
    try:
        return date.fromisoformat(day)
    except ValueError:
        return day


_WHOLE: Mapping[str, Message] = MappingProxyType(
    {
        "company": m("The company"),
        "all dealers": m("all dealers"),
        "nobody": m("a sign-in name that nobody has"),
        "dealers of a file": m("Dealers of a file"),
        "limits of ended dealers": m("Limits of dealers who have ended"),
        "statements of a file": m("Statements of a file"),
    }
)
# How a subject begins, its words, and where it lies; of two that begin alike the longer stands first.
_FORMS: Sequence[tuple[str, Callable[[str], Message], str | None]] = (
    ("dealer ", lambda code: m("Dealer %(code)s", code=code), "/dealers/"),
    ("limit proposal ", lambda number: m("Limit proposal %(number)s", number=number), "/credit/proposals/"),
    ("credit policy ", lambda number: m("Credit policy %(number)s", number=number), "/credit/policies/"),
    ("run ", _run, "/credit/runs/"),
    ("load ", lambda number: m("Import %(number)s", number=number), "/imports/"),
    ("person ", lambda login: m("Person %(login)s", login=login), "/people/"),
    ("token ", lambda number: m("API token %(number)s", number=number), None),
    ("territory ", lambda code: m("Territory %(code)s", code=code), None),
    ("product line ", lambda code: m("Product line %(code)s", code=code), None),
    ("product ", lambda code: m("Product %(code)s", code=code), None),
    ("rate ", _rate, None),
    ("statement of ", lambda day: m("Statement of %(day)s", day=_dated(day)), None),
)
# Whose page not everybody may open who reads of the act.
_RIGHTS: Mapping[str, Right] = MappingProxyType({"person ": Right.KEEP_PEOPLE})
