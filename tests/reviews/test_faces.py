"""Reviews and their plans as pages, over the API and on the command line."""

from collections.abc import Awaitable, Callable

import httpx
import pytest

from channel import clock
from channel.access.rules import Person, Role
from tests.make.access import make_person
from tests.make.dealers import make_dealer
from tests.make.ledger import post
from tests.make.receivables import moment, owed
from tests.make.reviews import reviews, work_at

OPENED = 40 * 24 + 1


@pytest.fixture
async def opened(database: str) -> Person:
    finance = await make_person(Role.FINANCE)
    with clock.fixed(moment(0)):
        await make_dealer("D-1", currency="USD")
        await make_dealer("D-2", currency="USD")
    await post(finance, owed("100", on=0, due=30, currency="USD"), at=35 * 24)
    await work_at(moment(OPENED))
    return finance


async def test_pages(
    opened: Person,
    browser: Callable[..., Awaitable[httpx.AsyncClient]],
    api: Callable[..., Awaitable[httpx.AsyncClient]],
) -> None:
    (row,) = await reviews("receivables-weekly")
    with clock.fixed(moment(OPENED + 1)):
        client = await browser(opened)
        for path in (
            "/reviews",
            "/reviews/plans",
            "/reviews/due",
            "/reviews/runs",
            "/reviews/plans/new",
            "/reviews/plans/receivables-weekly",
            "/reviews/plans/receivables-weekly/preview",
            "/reviews/plans/receivables-weekly/versions",
            "/reviews/plans/receivables-weekly/versions/1",
            "/reviews/plans/receivables-weekly/versions/new",
            f"/dealers/D-1/reviews/{row['number']}",
            "/dealers/D-1/reviews",
            "/dealers/D-1",
            "/",
            "/reviews/export?format=csv",
        ):
            page = await client.get(path)
            assert page.status_code == 200, (path, page.text[:3000])
            if path in (
                "/reviews",
                f"/dealers/D-1/reviews/{row['number']}",
                "/reviews/plans/receivables-weekly/preview",
                "/reviews/plans/receivables-weekly",
            ):
                import re

                print(path, re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text.split("<main", 1)[-1]))[:3000])
        token = await api(opened)
        for path in (
            "",
            "/plans",
            "/due",
            "/runs",
            "/plans/receivables-weekly",
            "/plans/receivables-weekly/preview",
            f"/dealers/D-1/{row['number']}",
            "/dealers/D-1",
        ):
            found = await token.get(f"/api/v1/reviews{path}")
            assert found.status_code == 200, (path, found.text)
            print(path, found.text[:1500])
