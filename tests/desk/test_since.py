"""What has changed since the limit in force is one figure, whoever asks for it and wherever."""

import re
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from decimal import Decimal
from html import unescape

import httpx

from channel import clock
from channel.access.rules import Person
from channel.credit.service.decisions import bulk_of
from channel.dealers.rules import Fact
from channel.versions.rules import written
from tests.make.access import acting
from tests.make.credit import DEFAULT_POLICY
from tests.make.dealers import change_fact
from tests.make.limits import (
    AS_OF,
    TWELVE,
    Desk,
    approve_policy,
    approve_run,
    assess,
    draft_policy,
    make_dealer_selling,
    make_desk,
    make_sold,
    noon,
    propose_policy,
    put_in_force,
)

Client = Callable[[Person], Awaitable[httpx.AsyncClient]]
LATER = date(2014, 2, 10)
BEFORE_LATER = [f"2012-{month:02}" for month in range(1, 12)]


async def _reviewed(desk: Desk) -> None:
    """Assessed and approved at one moment: the limit is known at the very moment as known at which it was computed."""
    async with acting(desk.manager):
        run = await assess(desk.manager, propose=True)
    async with acting(desk.finance):
        bulk = await bulk_of(desk.finance, run.run_id)
        assert await approve_run(desk.finance, run.run_id, bulk.mark, "reviewed") == (1, [])


async def with_limits(desk: Desk) -> None:
    """A limit by hand of 20,000; then 30,000, which the cap on the rise held down; then 45,000, held down again."""
    with clock.fixed(noon(AS_OF)):
        await make_dealer_selling(desk, "D-1", 60_000, [*BEFORE_LATER, *TWELVE])
        await put_in_force(desk, "D-1", 20_000, AS_OF - timedelta(days=90))
        await _reviewed(desk)
        await make_sold(desk.manager, ("2013-12",), {"D-1": 72_000}, dealers=frozenset({"D-1"}))
    with clock.fixed(noon(date(2014, 1, 20))):
        await _reviewed(desk)
    with clock.fixed(noon(LATER) - timedelta(hours=3)):
        await make_sold(desk.manager, ("2014-01",), {"D-1": 24_000}, dealers=frozenset({"D-1"}))
        async with acting(desk.manager):
            await change_fact(desk.manager, "D-1", Fact.TERMS_DAYS, "45", effective_on=LATER, reason="agreed")


def _told_on(page: str) -> list[tuple[str, Decimal]]:
    """The causes and parts of the sheet on what has changed since the limit in force."""
    found = re.search(r'<section[^>]*id="since".*?</section>', page, re.DOTALL)
    if found is None:
        return []
    cells = re.findall(r'<td class="lead">([^<]*)</td><td class="n[^"]*" data-label="Part">([^<]*)</td>', found[0])
    return [(unescape(cause), Decimal(unescape(part).replace(",", "").replace("−", "-"))) for cause, part in cells]


async def _told(
    desk: Desk, browser: Client, api: Client, params: dict[str, str]
) -> tuple[dict[str, Decimal], dict[str, object]]:
    """What every face tells, which is the same: the parts by cause, and the card's comparison."""
    page, program = await browser(desk.finance), await api(desk.finance)
    on_pages = [
        _told_on((await page.get(path, params=params)).text) for path in ("/dealers/D-1", "/credit/dealers/D-1")
    ]
    if not params:
        on_pages.append(_told_on((await page.get("/credit/dealers/D-1/sheets")).text))
    card = (await program.get("/api/v1/dealers/D-1/card", params=params)).json()["limit"]
    explained = (await program.get("/api/v1/credit/dealers/D-1/explain", params=params)).json()
    moment = {"known_at"}
    assert _without(card["computed"], moment) == _without(explained["decision"], moment)
    if card["since"] is None:
        assert (explained["since"], on_pages) == (None, [[]] * len(on_pages))
        return {}, {}
    for side in (card, explained):
        side["since"]["after"] = _without(side["since"]["after"], moment)
    assert card["since"] == explained["since"]
    parts = [(each["label"], Decimal(each["amount"])) for each in card["since"]["parts"]]
    rounded = [(label, round(amount, 2)) for label, amount in parts]
    for told in on_pages:
        assert told[:-1] == rounded
        assert told[-1] == ("Limit", Decimal(card["since"]["whole"]))
    return dict(parts), card["since"]


def _without(document: dict[str, object], names: set[str]) -> dict[str, object]:
    return {name: value for name, value in document.items() if name not in names}


async def test_every_face_tells_the_same_and_a_limit_does_not_cap_itself(browser: Client, api: Client) -> None:
    desk = await make_desk()
    await with_limits(desk)
    with clock.fixed(noon(LATER)):
        parts, since = await _told(desk, browser, api, {})
        # 61,000 then, held at one and a half times 30,000; 87,000 now, held at one and a half times 45,000.
        assert (since["before"]["amount"], since["after"]["amount"]) == ("45000", "67500")
        assert (parts["Caps"], sum(parts.values())) == (Decimal(22_500), Decimal(22_500))
        # As of the day before the second review the first limit holds, and what it rests on is told.
        parts, since = await _told(desk, browser, api, {"as_of": "2014-01-19"})
        assert (since["before"]["amount"], since["after"]["amount"]) == ("30000", "45000")
        await _told(desk, browser, api, {"as_of": "2013-11-30"})


async def test_as_known_at_a_moment_nothing_later_is_seen(browser: Client, api: Client) -> None:
    # What is recorded never goes back: the desk is there before the first limit.
    with clock.fixed(noon(AS_OF) - timedelta(days=200)):
        desk = await make_desk()
    await with_limits(desk)
    with clock.fixed(noon(LATER)):
        # The second review had not been held yet, whatever day is asked about.
        asked = {"as_of": LATER.isoformat(), "known_at": "2014-01-19T12:00:00+00:00"}
        _, since = await _told(desk, browser, api, asked)
        assert (since["before"]["amount"], since["after"]["amount"]) == ("30000", "45000")
        page = await browser(desk.finance)
        shown = (await page.get("/credit/dealers/D-1", params=asked)).text
        assert "45,000" not in shown.partition('id="limits"')[2].partition("</section>")[0]
        assert "30,000" in shown.partition('id="limits"')[2].partition("</section>")[0]
        parts, _ = await _told(desk, browser, api, {"as_of": "2014-01-19", "known_at": "2013-11-01T12:00:00+00:00"})
        assert parts == {}, "the limit known then was set by hand"


async def test_the_older_policy_looks_at_its_own_months_of_the_newer_figures(browser: Client, api: Client) -> None:
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1", 60_000, [*BEFORE_LATER, *TWELVE])
    with clock.fixed(noon(AS_OF)):
        await _reviewed(desk)
    document = written(DEFAULT_POLICY)
    document["sales"] |= {"window_months": 3}
    with clock.fixed(noon(LATER)):
        await make_sold(desk.manager, ("2013-12",), {"D-1": 72_000}, dealers=frozenset({"D-1"}))
        await make_sold(desk.manager, ("2014-01",), {"D-1": 24_000}, dealers=frozenset({"D-1"}))
        async with acting(desk.manager):
            version = await draft_policy(desk.manager, document, LATER, "three months")
            await propose_policy(desk.manager, version, "shorter")
        async with acting(desk.finance):
            await approve_policy(desk.finance, version, "agreed")
        parts, _ = await _told(desk, browser, api, {})
    # 60,000 a month; 58,000 over twelve months of the newer figures; 52,000 over three of them.
    assert {label: amount for label, amount in parts.items() if amount} == {"Sales": -2000, "Policy": -6000}
