"""The trail's words of the room `dealers`."""

from channel.access.trail_words import Form, TrailWords, dated
from channel.dealers.rules import DEALER_TYPE_NAMES, SECOND_TIER_NAMES, STATUS_NAMES
from channel.errors import Message, m


def _rate(rest: str) -> Message:
    currency, _, day = rest.partition(" ")
    return m("Rate of %(currency)s of %(day)s", currency=currency, day=dated(day))


TRAIL = TrailWords(
    acts={
        "add dealer": m("Dealer added"),
        "add territory": m("Territory added"),
        "carry lines": m("Product lines carried changed"),
        "change currency": m("Currency changed"),
        "change dealer": m("Dealer's record changed"),
        "change first_year_target": m("First-year target changed"),
        "change grade": m("Grade changed"),
        "change parent": m("Parent dealer changed"),
        "change reports_due_day": m("Due day of reports changed"),
        "change reports_owed": m("Reports owed changed"),
        "change responsible": m("Responsible changed"),
        "change status": m("Status changed"),
        "change terms": m("Payment terms by month or in parts changed"),
        "change terms_days": m("Payment terms changed"),
        "change territory": m("Territory changed"),
        "change type": m("Dealer type changed"),
        "end exclusivity": m("Exclusivity ended"),
        "grant exclusivity": m("Exclusivity granted"),
        "hand over dealers": m("What is open handed over to who looks after the dealer"),
        "find code taken": m("Codes of dealers out of sight found taken"),
        "keep contact": m("Contact recorded"),
        "keep product": m("Product recorded"),
        "keep product line": m("Product line recorded"),
        "keep rate": m("Exchange rate recorded"),
        "keep second tier": m("Second-tier customer recorded"),
        "move territory": m("Territory moved"),
        "observe fact": m("Observed fact recorded"),
        "remove contact": m("Contact taken out"),
        "remove second tier": m("Second-tier customer taken out"),
        "rename territory": m("Territory renamed"),
    },
    forms=(
        Form("dealer ", lambda code: m("Dealer %(code)s", code=code), "/dealers/"),
        Form("territory ", lambda code: m("Territory %(code)s", code=code)),
        Form("product line ", lambda code: m("Product line %(code)s", code=code)),
        Form("product ", lambda code: m("Product %(code)s", code=code)),
        Form("rate ", _rate),
    ),
    subjects={
        "dealers of a file": m("Dealers of a file"),
        "dealers of a selection": m("Selected dealers"),
        "dealers of another": m("Dealers whom another looks after from today on"),
    },
    names={
        "brands_carried": m("brands carried"),
        "by": m("by way of"),
        "ended_on": m("cooperation ended on"),
        "exclusivity_wanted": m("exclusivity wanted"),
        "first_year_target": m("first-year target"),
        "grade": m("grade"),
        "grant": m("grant"),
        "handed_over": m("open work handed over"),
        "line": m("product line"),
        "lines": m("product lines"),
        "observed_on": m("found out on"),
        "parent": m("above it"),
        "phone": m("phone"),
        "rate": m("rate"),
        "reports_due_day": m("reports due by day"),
        "reports_owed": m("reports owed"),
        "responsible": m("responsible"),
        "status": m("status"),
        "terms": m("payment terms"),
        "terms_days": m("payment terms in days"),
        "type": m("type"),
        "unit": m("unit"),
        "wanted_type": m("wanted type"),
    },
    values={
        "type": DEALER_TYPE_NAMES,
        "wanted_type": DEALER_TYPE_NAMES,
        "status": STATUS_NAMES,
        "kind": SECOND_TIER_NAMES,
        "by": {"file": m("a file")},
    },
)
