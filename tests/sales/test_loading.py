from decimal import Decimal

import pytest

from channel import db
from channel.app import LOADERS
from channel.imports.loader import use_loaders
from tests.make.sales import csv_of, loaded, make_loader, make_masters

HEADER = "dealer,date,product,quantity,amount,currency,document,line"


@pytest.fixture(autouse=True)
def _loaders() -> None:
    use_loaders(LOADERS)


async def test_a_report_goes_in_with_rollups_and_coverage(database: str) -> None:
    ids = await make_masters()
    result = await loaded(
        await make_loader(),
        "sell-in",
        csv_of(
            HEADER,
            "D1,2025-01-05,P1,2,200.00,USD,A1,1",
            "D1,2025-01-31,P2,1,50.1234,USD,A1,2",
            "D1,2025-01-31,P2,-1,-50.1234,USD,A2,1",
            "D2,2025-02-01,P3,3,33.33,USD,A3,1",
        ),
        period="2025-01:2025-02",
    )
    assert result["state"] == "loaded", result
    assert result["counts"] | {"header": None} == {
        "lines": 4,
        "rejected": 0,
        "loaded": 4,
        "superseded": 0,
        "dealers": 3,
        "header": None,
    }
    async with db.held(db.EVERYTHING):
        rows = await db.fetch("SELECT * FROM sales_month ORDER BY dealer_id, month, line_id")
        assert [(r["dealer_id"], r["quantity"], r["dealer_amount"], r["returned_company_amount"]) for r in rows] == [
            (ids["D1"], 2, Decimal("200.0000"), Decimal("-50.1234")),
            (ids["D2"], 3, Decimal("33.3300"), 0),
        ]
        assert await db.fetchval("SELECT count(*) FROM coverage") == 3
