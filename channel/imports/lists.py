"""The lists of the room `imports`: the loads, the kept mappings, and what a checked load would do."""

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType

from channel.errors import Message, m
from channel.imports.loader import KIND_LABELS
from channel.lists import Column, Kind, List

STATES: Mapping[str, Message] = MappingProxyType(
    {
        "queued": m("waiting"),
        "running": m("running"),
        "checked": m("checked, not loaded"),
        "waiting": m("waits for a second person"),
        "loaded": m("loaded"),
        "unchanged": m("nothing new"),
        "refused": m("refused"),
        "failed": m("failed"),
    }
)
STATE_COLOURS: Mapping[str, str] = MappingProxyType(
    {"running": "accent", "checked": "warn", "waiting": "warn", "loaded": "good", "refused": "bad", "failed": "bad"}
)

LOADS = List(
    "imports",
    m("Imports"),
    (
        Column("id", m("Load"), Kind.COUNT, page=False),
        Column("file_name", m("File"), link="/imports/{id}"),
        Column("kind", m("Kind"), Kind.CHOICE, choices=KIND_LABELS),
        Column("state", m("State"), Kind.CHOICE, choices=STATES, colours=STATE_COLOURS),
        Column("counts.lines", m("Lines"), Kind.COUNT, less=1),
        Column("counts.loaded", m("Lines loaded"), Kind.COUNT, page=False),
        Column("counts.rejected", m("Rejected"), Kind.COUNT),
        Column("asked_by", m("By"), less=2),
        Column("asked_at", m("When"), Kind.MOMENT, less=1),
    ),
    order="-id",
    nothing=m("Nothing was brought yet."),
)

PROFILES = List(
    "mappings",
    m("Kept mappings"),
    (
        Column("kind", m("Kind"), Kind.CHOICE, choices=KIND_LABELS),
        Column("name", m("Name")),
        Column("kept_by", m("Kept by")),
        Column("kept_at", m("Kept at"), Kind.MOMENT),
    ),
    order="kind",
    key="key",
    nothing=m("No mapping is kept."),
)

FIELDS = List(
    "fields",
    m("Fields"),
    (
        Column("kind", m("Kind"), Kind.CODE),
        Column("name", m("Field"), Kind.CODE),
        Column("type", m("Type"), Kind.CODE),
        Column("required", m("Required"), Kind.FLAG),
        Column("names", m("Column names that are recognised")),
    ),
    order="kind",
    nothing=m("There is none that you may load."),
)


def _day(name: str) -> Callable[[Mapping[str, str]], date]:
    """A day of what a check found, which is kept as JSON."""
    return lambda row: date.fromisoformat(row[name])


COVERED = List(
    "months-covered",
    m("Months that it covers"),
    (
        Column("code", m("Dealer"), Kind.CODE, shown="name", sub="code"),
        Column("month", m("Month"), Kind.MONTH),
        Column("first", m("From"), Kind.DAY, of=_day("first")),
        Column("last", m("To"), Kind.DAY, of=_day("last")),
        Column("lines", m("Lines"), Kind.COUNT),
        Column(
            "complete",
            m("Afterwards"),
            Kind.FLAG,
            choices={True: m("complete"), False: m("in part")},
            colours={True: "good", False: "warn"},
        ),
    ),
    order="code",
    key="code",
)

SILENT = List(
    "days-without-a-line",
    m("More than 7 days without a line"),
    (
        Column("code", m("Dealer"), Kind.CODE, shown="name", sub="code", nothing=m("All dealers of the file")),
        Column("first", m("From"), Kind.DAY, of=_day("first")),
        Column("last", m("To"), Kind.DAY, of=_day("last")),
        Column("days", m("How many days"), Kind.COUNT),
    ),
    order="code",
    key="code",
)

REPLACED = List(
    "superseded",
    m("Dealer-months whose lines are superseded"),
    (
        Column("code", m("Dealer"), Kind.CODE, shown="name", sub="code", link="/dealers/{code}"),
        Column("month", m("Month"), Kind.MONTH),
        Column("lines", m("Lines until now"), Kind.COUNT),
        Column("new_lines", m("New lines"), Kind.COUNT),
        Column("company_amount", m("Amount until now"), Kind.MONEY, nothing=m("not known"), places=2),
    ),
    order="code",
    key="code",
)

CURRENCIES = List(
    "sums-by-currency",
    m("Sums by currency"),
    (
        Column("currency", m("Currency"), Kind.CODE),
        Column("lines", m("Lines"), Kind.COUNT),
        Column("returns", m("Returns"), Kind.COUNT),
        Column("quantity", m("Quantity"), Kind.NUMBER, places=2),
        Column("amount", m("Amount"), Kind.MONEY, nothing=m("not known"), places=2),
        Column("company_amount", m("Company currency"), Kind.MONEY, nothing=m("not known"), places=2),
    ),
    order="currency",
    key="currency",
)

PAYMENTS = List(
    "payments-by-currency",
    m("What they come to and pay"),
    (
        Column("currency", m("Currency"), Kind.CODE),
        Column("documents", m("Documents"), Kind.COUNT),
        Column("amount", m("Amount with tax"), Kind.MONEY, places=2),
        Column("allocated", m("Pays, or is paid"), Kind.MONEY, places=2),
        Column("left_over", m("Left open, or on account"), Kind.MONEY, places=2),
    ),
    order="currency",
    key="currency",
)
