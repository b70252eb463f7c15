"""Limits of the AdventureWorks resellers, worked out apart from the service: plain CSV, plain dates, exact fractions.

Nothing of `channel` is used here, so that what the service says can be held against it.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from math import floor
from pathlib import Path

CURRENCIES = {"US": "USD", "CA": "CAD", "GB": "GBP", "AU": "AUD", "FR": "EUR", "DE": "EUR"}
COEFFICIENTS = {"AAA": Fraction(2), "AA": Fraction(1), "A": Fraction(4, 5), "B": Fraction(3, 5), "C": Fraction(0)}
REPORTED = [(year, month) for year in (2010, 2011, 2012, 2013) for month in range(1, 13)][11:47]
"""December 2010 to November 2013: the months that the sell-in report covers, for every dealer."""

Month = tuple[int, int]


def rows(folder: Path, name: str) -> Iterator[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as source:
        yield from csv.DictReader(source)


@cache
def resellers(folder: Path) -> Mapping[str, tuple[str, str]]:
    """Dealer code to currency and grade."""
    countries = {row["GeographyKey"]: row["CountryRegionCode"] for row in rows(folder, "DimGeography")}
    grades = tuple(COEFFICIENTS)
    return {
        row["ResellerAlternateKey"]: (CURRENCIES[countries[row["GeographyKey"]]], grades[int(row["ResellerKey"]) % 5])
        for row in rows(folder, "DimReseller")
    }


@cache
def monthly_sales(folder: Path) -> Mapping[str, Mapping[Month, Fraction]]:
    """Dealer code to month to net sell-in in the dealer's currency, each line rounded to 4 decimals as it is stored."""
    currencies = {row["CurrencyKey"]: row["CurrencyAlternateKey"] for row in rows(folder, "DimCurrency")}
    codes = {row["ResellerKey"]: row["ResellerAlternateKey"] for row in rows(folder, "DimReseller")}
    rates = {
        (currencies[row["CurrencyKey"]], row["Date"][:10]): Fraction(Decimal(row["EndOfDayRate"]))
        for row in rows(folder, "FactCurrencyRate")
    }
    sums: dict[str, dict[Month, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    for row in rows(folder, "FactResellerSales"):
        code, line_currency, day = codes[row["ResellerKey"]], currencies[row["CurrencyKey"]], row["OrderDate"][:10]
        currency = resellers(folder)[code][0]
        amount = Fraction(Decimal(row["SalesAmount"]))
        if line_currency != currency:
            amount *= _rate(rates, line_currency, day) / _rate(rates, currency, day)
            amount = Fraction(floor(amount * 10_000 + Fraction(1, 2)), 10_000)
        sums[code][int(day[:4]), int(day[5:7])] += amount
    return sums


def _rate(rates: Mapping[tuple[str, str], Fraction], currency: str, day: str) -> Fraction:
    """The latest rate on or before the day, at most 7 days old; 1 for the company's currency."""
    if currency == "USD":
        return Fraction(1)
    last = date.fromisoformat(day).toordinal()
    days = (date.fromordinal(last - back).isoformat() for back in range(8))
    return next(rates[currency, each] for each in days if (currency, each) in rates)


def expected_limits(folder: Path, as_of: date) -> dict[str, int | None]:
    """Dealer code to the shipped policy's limit in the dealer's currency, with terms of 30 days and no limit in force.

    None is withheld: fewer than 3 of the 12 complete months before the date are reported.
    """
    current = as_of.year * 12 + as_of.month - 1
    window = [divmod(place, 12) for place in range(current - 12, current)]
    covered = [(year, month + 1) for year, month in window if (year, month + 1) in REPORTED]
    limits: dict[str, int | None] = {}
    for code, (_, grade) in resellers(folder).items():
        if len(covered) < 3:
            limits[code] = None
            continue
        sold = sum((monthly_sales(folder)[code].get(month, Fraction(0)) for month in covered), Fraction(0))
        limits[code] = max(0, floor(sold / len(covered) * COEFFICIENTS[grade] / 100) * 100)
    return limits
