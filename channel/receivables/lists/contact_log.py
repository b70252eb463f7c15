"""The contact log as a list."""

from channel.errors import m
from channel.lists import Column, Kind, List
from channel.receivables.rules.contact_log import KIND_NAMES, OUTCOME_NAMES, ContactOutcome

CONTACT_LOG = List(
    "contact-log",
    m("Contact log"),
    (
        Column("took_place_on", m("Took place on"), Kind.DAY, link="/receivables/contact-log/{id}", sub="at_time"),
        Column("at_time", m("Time"), sort=False, page=False),
        Column(
            "dealer", m("Dealer"), Kind.CODE, link="/dealers/{dealer}/receivables#contact-log", shown="dealer_name",
            sub="dealer", wraps=True,
        ),
        Column("kind", m("Kind of contact"), Kind.CHOICE, choices=KIND_NAMES),
        Column(
            "outcome", m("How it came about"), Kind.CHOICE, choices=OUTCOME_NAMES,
            colours={ContactOutcome.NOT_REACHED: "warn"}, less=2,
        ),
        Column("with_whom", m("With whom"), nothing=m("nobody named"), wraps=True),
        Column("said", m("What was said"), nothing=m("nothing"), wraps=True, sort=False),
        Column("next_on", m("Day of the next step"), Kind.DAY, nothing=m("no next step"), less=1),
        Column("next_step", m("Next step"), nothing=m("none"), wraps=True, sort=False, less=1),
        Column("actor", m("Written by"), less=3),
        Column("recorded_at", m("Recorded"), Kind.MOMENT, page=False, less=4),
        Column("contact", m("No. of the contact"), Kind.SERIAL, page=False, less=5),
        Column("supersedes", m("In place of entry"), Kind.SERIAL, page=False, less=5, nothing=m("none")),
        Column("id", m("No."), Kind.SERIAL, page=False, less=4),
    ),
    order="-took_place_on",
    key="-id",
    nothing=m("No contact is written down."),
)  # fmt: skip
