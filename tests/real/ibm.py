"""The receivables of a real company as their file has them, and what it says by itself was owed on a day.

2,466 invoices of 100 dealers and the day on which each was paid. The second time every payment comes later by the
invoice's number modulo 250 days, so that every bucket is filled.
"""

import csv
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import msgspec

from tests.make.data import real_data

D = Decimal
LAST_DAY = date(2014, 12, 31)
BUCKETS = [(-(10**6), 0), (1, 30), (31, 60), (61, 90), (91, 180), (181, 10**6)]


def file() -> Path:
    """The file itself."""
    return real_data("ibm_accounts_receivable") / "WA_Fn-UseC_-Accounts-Receivable.csv"


class Row(msgspec.Struct, frozen=True):
    """A line of the file."""

    dealer: str
    number: str
    invoiced_on: date
    due_on: date
    amount: Decimal
    settled_on: date


def us_day(text: str) -> date:
    month, on, year = map(int, text.split("/"))
    return date(year, month, on)


@cache
def rows(later: bool) -> tuple[Row, ...]:
    with file().open(encoding="utf-8", newline="") as source:
        return tuple(
            Row(
                line["customerID"],
                line["invoiceNumber"],
                us_day(line["InvoiceDate"]),
                us_day(line["DueDate"]),
                D(line["InvoiceAmount"]),
                us_day(line["SettledDate"]) + timedelta(days=int(line["invoiceNumber"]) % 250 if later else 0),
            )
            for line in csv.DictReader(source)
        )


def recorded_at_the_end_of(on: date) -> datetime:
    """The moment at which what took effect in a month was recorded: every month was one load."""
    return datetime(on.year + on.month // 12, on.month % 12 + 1, 1, tzinfo=UTC)


def month_ends(first: int, last: int) -> list[date]:
    months = [(year, month) for year in range(first, last + 1) for month in range(1, 13)]
    return [recorded_at_the_end_of(date(year, month, 1)).date() - timedelta(days=1) for year, month in months]


def aged_by_hand(later: bool, as_of: date, known_until: date) -> dict[str, list[Decimal]]:
    """What each dealer owed on a day by bucket, of all that took effect up to the end of the month known last."""
    found: dict[str, list[Decimal]] = defaultdict(lambda: [D(0)] * 6)
    until = min(as_of, known_until)
    for row in rows(later):
        if row.invoiced_on <= until < row.settled_on:
            late = (as_of - row.due_on).days
            place = next(n for n, (first, last) in enumerate(BUCKETS) if first <= late <= last)
            found[row.dealer][place] += row.amount
    return {dealer: amounts for dealer, amounts in found.items() if any(amounts)}
