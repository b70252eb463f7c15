"""Ten thousand documents as people write them: references misspelt, amounts split, a dealer under two codes."""

from collections import defaultdict
from decimal import Decimal
from random import Random
from typing import Any

from channel import clock
from channel.access.rules import Role
from channel.database import db
from channel.receivables.service.kept import reconcile_ledger
from tests.make.access import make_person
from tests.make.dealers import make_dealer
from tests.make.receivables import day, moment
from tests.make.sales import csv_of, loaded

DEALERS = 20
LATER = 300 * 24
CURRENCIES = {"CNY": Decimal("0.01"), "USD": Decimal("0.01"), "JPY": Decimal(1)}


def _misspelt(random: Random, number: str) -> str:
    """The number as somebody writes it: as it is, alike, with a digit wrong, or not at all."""
    wide = "".join(chr(ord(each) + 0xFEE0) for each in number)
    wrong = number[:-1] + random.choice("0123456789X")
    return random.choice((number, number, number.lower(), wide, f" {number} ", wrong, f"{wrong};{number}", ""))


def _parts(random: Random, amount: Decimal, unit: Decimal) -> list[Decimal]:
    """An amount whole or in up to three parts, each a multiple of the unit."""
    parts = []
    for _ in range(random.choice((0, 0, 0, 1, 2))):
        part = (amount * random.randint(1, 9) / 10).quantize(unit)
        if 0 < part < amount:
            parts.append(part)
            amount -= part
    return [*parts, amount]


async def test_every_cent_of_ten_thousand_documents_is_accounted_for(database: str) -> None:
    random = Random(10)  # noqa: S311 - documents for a test
    finance = await make_person(Role.FINANCE)
    with clock.fixed(moment(0)):
        for n in range(DEALERS):
            await make_dealer(f"D-{n}", currency="CNY")
    invoices: list[str] = []
    receipts: list[str] = []
    owed: dict[str, Decimal] = defaultdict(Decimal)
    paid: dict[str, Decimal] = defaultdict(Decimal)
    while len(invoices) + len(receipts) < 10_000:
        currency, number = random.choice(list(CURRENCIES)), f"INV{len(invoices):05}"
        unit = CURRENCIES[currency]
        code = random.choice(["OLD-7", *(f"D-{n}" for n in range(DEALERS))])
        amount = random.randint(1, 1_000_000) * unit
        on = random.randint(0, 200)
        invoices.append(f"{code},{number},{day(on)},{amount},{currency}")
        owed[currency] += amount
        for part in _parts(random, amount, unit):
            other = random.choice((code, "D-7" if code == "OLD-7" else code))
            named = _misspelt(random, number)
            paid_on = day(on + random.randint(-5, 80))
            receipts.append(f"{other},R{len(receipts):05},{max(paid_on, day(0))},{part},{currency},{named}")
            paid[currency] += part
    profile: dict[str, dict[str, Any]] = {
        "columns": {each: each for each in ("dealer", "number", "date", "amount", "currency")},
        "value_maps": {"dealer": {"OLD-7": "D-7"}},
    }
    with clock.fixed(moment(LATER)):
        content = csv_of("dealer,number,date,amount,currency", *invoices)
        result = await loaded(finance, "invoices", content, profile=profile)
    assert (result["state"], result["counts"]["documents"]) == ("loaded", len(invoices)), result["rejects"][:3]
    profile["columns"]["reference"] = "reference"
    content = csv_of("dealer,number,date,amount,currency,reference", *receipts)
    with clock.fixed(moment(LATER + 1)):
        looked = await loaded(finance, "receipts", content, profile=profile, dry_run=True)
        result = await loaded(finance, "receipts", content, profile=profile)
        assert (result["state"], result["counts"]["documents"]) == ("loaded", len(receipts)), result["rejects"][:3]
        assert looked["preview"]["payments"] == result["preview"]["payments"]
        async with db.held(db.EVERYTHING):
            rows = await db.fetch(
                "SELECT currency, sum(amount) FILTER (WHERE instalment = 0) AS on_account,"
                " sum(amount) FILTER (WHERE instalment > 0) AS open FROM open_item GROUP BY currency"
            )
            left = {row["currency"]: (row["on_account"] or 0, row["open"] or 0) for row in rows}
            allocated = {
                row["currency"]: row["amount"]
                for row in await db.fetch(
                    "SELECT d.currency, sum(a.amount) AS amount FROM allocation a JOIN receivable_document d"
                    " ON d.dealer_id = a.dealer_id AND d.id = a.money_id GROUP BY d.currency"
                )
            }
            whys = {row["why"] for row in await db.fetch("SELECT DISTINCT why FROM allocation")}
            assert await reconcile_ledger() == 0
    assert whys == {"reference", "exact", "oldest"}
    assert owed == paid
    told = {each["currency"]: each for each in result["preview"]["payments"]}
    for currency in CURRENCIES:
        on_account, open_amount = left[currency]
        assert allocated[currency] + on_account == paid[currency]
        assert allocated[currency] + open_amount == owed[currency]
        assert on_account > 0
        assert Decimal(told[currency]["allocated"]) == allocated[currency]
        assert Decimal(told[currency]["left_over"]) == on_account
