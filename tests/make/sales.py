"""Builders of the rooms `imports` and `sales`: dealers and products to report on, and reports that come in."""

import io
from collections.abc import AsyncIterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from channel.access import service as access
from channel.access.rules import OPERATOR, Person, Role
from channel.database import db
from channel.imports.queries import loads
from channel.imports.service.loads import LoadWish, start_load
from channel.imports.service.uploads import take_in
from channel.imports.service.worker import run_waiting
from tests.make.access import acting, make_person, make_territories

LONG_AGO = date(2000, 1, 1)


async def make_masters(
    dealers: Sequence[tuple[str, str]] = (("D1", "USD"), ("D2", "USD"), ("D3", "EUR")),
    products: Sequence[tuple[str, str]] = (("P1", "Road"), ("P2", "Road"), ("P3", "Touring")),
    rates: Sequence[tuple[str, date, str]] = (),
    territory: str = "East",
) -> dict[str, int]:
    """Dealers (code, currency), products (code, line), rates (currency, day, rate); gives the ids of the dealers."""
    nodes = await make_territories(territory)
    ids: dict[str, int] = {}
    async with db.held(db.EVERYTHING), db.transaction():
        posting_id = await access.open_posting(OPERATOR, "load dealers")
        for code, currency in dealers:
            ids[code] = await make_dealer(code, currency, nodes[territory], posting_id)
        await make_products(products)
        for currency, day, rate in rates:
            await make_rate(currency, day, rate, posting_id)
    return ids


async def make_dealer(code: str, currency: str, territory_id: int, posting_id: int) -> int:
    dealer_id: int = await db.fetchval(
        "INSERT INTO dealer (code, name, type, territory_id, status, currency, terms_days)"
        " VALUES ($1, 'Dealer ' || $1, 'terminal', $2, 'active', $3, 30) RETURNING id",
        code,
        territory_id,
        currency,
    )
    await db.execute(
        "INSERT INTO dealer_fact (dealer_id, fact, value, territory_id, effective_on, posting_id) VALUES"
        " ($1, 'currency', $2, NULL, $4, $5), ($1, 'type', 'terminal', NULL, $4, $5),"
        " ($1, 'status', 'active', NULL, $4, $5), ($1, 'territory', NULL, $3, $4, $5),"
        " ($1, 'terms_days', '30', NULL, $4, $5)",
        dealer_id,
        currency,
        territory_id,
        LONG_AGO,
        posting_id,
    )
    return dealer_id


async def make_products(products: Sequence[tuple[str, str]]) -> None:
    for code, line in products:
        line_id = await db.fetchval(
            "INSERT INTO product_line (code, name) VALUES ($1, $1) ON CONFLICT (code) DO UPDATE SET name = $1"
            " RETURNING id",
            line,
        )
        await db.execute("INSERT INTO product (code, name, line_id) VALUES ($1, $1, $2)", code, line_id)


async def make_rate(currency: str, day: date, rate: str, posting_id: int) -> None:
    await db.execute(
        "INSERT INTO exchange_rate (currency, on_date, rate, posting_id) VALUES ($1, $2, $3, $4)",
        currency,
        day,
        Decimal(rate),
        posting_id,
    )


def csv_of(header: str, *rows: str) -> bytes:
    """A CSV file from its lines, with commas."""
    return ("\n".join([header, *rows]) + "\n").encode()


async def loaded(
    person: Person,
    kind: str,
    content: bytes,
    name: str = "report.csv",
    **options: Any,  # noqa: ANN401 - whatever a wish takes
) -> dict[str, Any]:
    """What came of a load: brought in, asked for, carried out; what has to be confirmed is, unless one says not."""
    load_id = await asked(person, kind, content, name, **options)
    await run_waiting()
    return await load_now(load_id)


async def asked(
    person: Person,
    kind: str,
    content: bytes,
    name: str = "report.csv",
    **options: Any,  # noqa: ANN401 - see loaded
) -> int:
    """The number of a load that was brought in and asked for, and waits."""
    options.setdefault("confirmed", True)

    async def chunks() -> AsyncIterator[bytes]:
        stream = io.BytesIO(content)
        while piece := stream.read(65536):
            yield piece

    async with acting(person):
        upload_id = await take_in(person, name, chunks())
        return await start_load(person, LoadWish(kind, upload_id, **options))


async def load_now(load_id: int) -> dict[str, Any]:
    async with db.held(db.EVERYTHING):
        row = await loads.load(load_id)
        assert row is not None
        rejects = [
            (r["line_no"], [(reason["field"], reason["text"] % reason["params"]) for reason in r["reasons"]])
            for r in await loads.rejects(load_id, -1, 10_000)
        ]
    return dict(row) | {"rejects": rejects}


async def make_loader() -> Person:
    """Somebody who may load reports and sees every territory."""
    return await make_person(Role.MANAGER)
