"""The story carried into an empty database: the same uploads, loads and acts, by the same people, at past moments."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby

from channel import clock, db, files
from channel.access import queries as access_queries
from channel.access import service as access
from channel.access.rules import OPERATOR, Person, Role
from channel.app import LOADERS
from channel.dealers.rules import Fact, SecondTierKind
from channel.dealers.service.dealers import keep_second_tier
from channel.dealers.service.exclusivity import grant_exclusivity
from channel.dealers.service.facts import change_fact, end_dealer, hold_dealer
from channel.demo import company
from channel.demo.story import MONTHS, Dealer, File, Reports, Story
from channel.imports.loader import use_loaders
from channel.imports.service.loads import Wish, load_of, rejects_of, start_load
from channel.imports.service.uploads import take_in
from channel.imports.service.worker import run_waiting
from channel.periods import Month

MARK = "demonstration"
"""The setting that says: everything here is made up, and its passwords are known to everybody."""

OPENING = 12
"""Months before the story's first by which the dealers' facts are in effect."""

_KINDS_OF_YEAR = 12
_AT = time(1, 30, tzinfo=UTC)
_DUE_DAY = 10
"""Dealers send their reports by this day of the next month, as their terms say."""


class Filling:
    """One filling of an empty database up to the month before today; `told` hears how far it is."""

    def __init__(self, told: Callable[[str, float], None]) -> None:
        self._told = told
        self.now = clock.now()
        self.story = Story(Month.of(clock.today()).plus(-1))
        self.people: dict[str, Person] = {}

    async def run(self) -> None:
        """Fill it: people, masters, and month after month what was reported and decided."""
        use_loaders(LOADERS)
        self._told("people and masters", 0.0)
        began = datetime.combine(self.story.months[0].first - timedelta(days=20), _AT)
        await self._open(began)
        await self._enter_dealers(began + timedelta(days=2))
        batch: list[Reports] = []
        for number, reports in enumerate(self.story.reports(), start=1):
            batch.append(reports)
            # Of the first year the company loaded a quarter at a time, then it learned to do it every month.
            if number > _KINDS_OF_YEAR or number % 3 == 0:
                await self._report(batch)
                batch = []
            self._told(f"reports of {reports.month}", number / (MONTHS + 2))
        self._told("facts and agreements", MONTHS / (MONTHS + 2))
        await self._live_on()
        async with db.held(access.scope_of(OPERATOR)), db.transaction():
            await access_queries.record_setting(MARK, str(self.story.months[-1]))
            await access.audit(OPERATOR, "fill the demonstration", "company")

    def _moment(self, day: date, plus: timedelta = timedelta()) -> datetime:
        """A moment of that day's morning, or just now where the story would run into the future."""
        return min(datetime.combine(day, _AT) + plus, self.now)

    async def _open(self, began: datetime) -> None:
        with clock.fixed(began):
            async with db.held(access.scope_of(OPERATOR)):
                await access.fix_company_currency(company.COMPANY_CURRENCY, has_lines=False)
            await self._add_people([a for a in company.ACCOUNTS if a.role == Role.ADMINISTRATOR], OPERATOR)
            await self._add_people(
                [a for a in company.ACCOUNTS if not a.territories and a.role != Role.ADMINISTRATOR],
                self.people["admin"],
            )
        later = began + timedelta(hours=3)
        await self.load("mei", "territories", self.story.territory_file(), later)
        await self.load("mei", "products", self.story.product_file(), later)
        with clock.fixed(later):
            await self._add_people([a for a in company.ACCOUNTS if a.territories], self.people["admin"])

    async def _add_people(self, accounts: Sequence[company.Account], by: Person) -> None:
        for account in accounts:
            async with db.held(access.scope_of(by)):
                await access.add_person(
                    by,
                    account.login,
                    account.name,
                    Role(account.role),
                    territories=account.territories,
                    password=company.PASSWORD,
                )
            async with db.held():
                token = await access.sign_in(
                    account.login, company.PASSWORD, address="127.0.0.1", agent="demonstration"
                )
                person = await access.person_of_session(token)
            if person is None:
                raise RuntimeError(f"{account.login} was added and cannot sign in")
            self.people[account.login] = person

    async def _enter_dealers(self, at: datetime) -> None:
        """Those who were there before are entered at the start, the others in the month in which they are appointed."""
        opening = self.story.months[0].plus(-OPENING).first
        for first, group in groupby(sorted(self.story.dealers, key=lambda d: d.first), lambda d: d.first):
            dealers = list(group)
            day = opening if first == 0 else self.story.months[first].first
            when = at if first == 0 else self._moment(day)
            await self.load("mei", "dealers", self.story.dealer_file(dealers), when, effective_on=day.isoformat())
        with clock.fixed(at):
            for dealer in self.story.dealers:
                for code, name, kind in dealer.customers:
                    async with db.held(access.scope_of(self.people["oscar"])):
                        await keep_second_tier(self.people["oscar"], dealer.code, code, name, SecondTierKind(kind))

    async def _report(self, batch: Sequence[Reports]) -> None:
        """The company's own sales a few days after the month, the dealers' reports when they are due."""
        first, last = batch[0].month, batch[-1].month
        period = f"{first}:{last}"
        closing = self._moment(last.end, timedelta(days=2))
        due = self._moment(last.end, timedelta(days=_DUE_DAY))
        await self.load("fang", "rates", self.story.rate_file(closing.date()), closing)
        sell_in = _joined([reports.sell_in for reports in batch])
        await self.load("fang", "sell-in", sell_in, closing, period=period)
        for reports in batch:
            month = str(reports.month)
            await self.load("mei", "sell-through", reports.sell_through, due, period=month)
            await self.load("mei", "stock", reports.stock, due, period=month)

    async def _live_on(self) -> None:
        """What was agreed and changed on the way: grades, terms, exclusivity, dealers put on hold and ended."""
        dealers = self.story.dealers
        months = self.story.months
        steady = [d for d in dealers if d.first == 0 and d.last == MONTHS]
        fang, mei, oscar = self.people["fang"], self.people["mei"], self.people["oscar"]
        for number, dealer in enumerate(steady[3::11]):
            month = months[14 + number % 9]
            better = dealer.growth > 0
            grade = _neighbour(dealer.grade, better=better)
            why = "Pays early and grows: 付款及时, 销量增长" if better else "Pays late more and more often: 付款拖延"
            async with self._acting(fang, month.first, timedelta(days=4)):
                await change_fact(fang, dealer.code, Fact.GRADE, grade, effective_on=month.first, reason=why)
        for number, dealer in enumerate(steady[6::29]):
            month = months[12 + number]
            async with self._acting(mei, month.first):
                await change_fact(
                    mei, dealer.code, Fact.TERMS_DAYS, "45", effective_on=month.first, reason="Contract renewed 续约"
                )
        for dealer in dealers:
            if dealer.first == 0 and dealer.last < MONTHS:
                day = months[dealer.last].first
                async with self._acting(mei, day):
                    await end_dealer(mei, dealer.code, "Closed the business 停业", effective_on=day)
        for dealer in steady[20::60]:
            async with self._acting(mei, months[-1].first, timedelta(days=9)):
                await hold_dealer(mei, dealer.code, "Cheques came back twice 支票两次退票")
        await self._grant(oscar, [d for d in steady if d.type == "terminal"])

    async def _grant(self, person: Person, dealers: Sequence[Dealer]) -> None:
        taken: set[tuple[str, str]] = set()
        for dealer in dealers:
            place = (dealer.territory, dealer.lines[0])
            if place in taken or dealer.lines[0] == "SP":
                continue
            taken.add(place)
            month = self.story.months[6 + len(taken)]
            ends = month.plus(24).first
            async with self._acting(person, month.first):
                await grant_exclusivity(
                    person, dealer.code, place[1], place[0], month.first, ends, "Agreed in the contract 合同约定"
                )
            if len(taken) == 10:  # noqa: PLR2004 - enough to see
                return

    @asynccontextmanager
    async def _acting(self, person: Person, day: date, plus: timedelta = timedelta()) -> AsyncIterator[None]:
        """The person at work on the morning of that day."""
        with clock.fixed(self._moment(day, plus)):
            async with db.held(access.scope_of(person)):
                yield

    async def load(
        self, login: str, kind: str, file: File, at: datetime, *, period: str = "", effective_on: str = ""
    ) -> None:
        """Load a file as this person did at that moment; a refusal ends the filling, because the story is at fault."""
        person = self.people[login]

        async def pieces() -> AsyncIterator[bytes]:
            for piece in files.csv_bytes(file.header, file.rows):
                yield piece

        with clock.fixed(at):
            async with db.held(access.scope_of(person)):
                upload_id = await take_in(person, file.name, pieces())
                load_id = await start_load(
                    person,
                    Wish(
                        kind=kind,
                        upload_id=upload_id,
                        maps=[f"{name}={name}" for name in file.header],
                        period=period,
                        effective_on=effective_on,
                    ),
                )
            await run_waiting()
            async with db.held(access.scope_of(person)):
                done = await load_of(person, load_id)
                if done["state"] != "loaded":
                    rejects = [dict(row) async for row in await rejects_of(person, load_id)][:3]
                    raise RuntimeError(f"{file.name} is {done['state']}: {done['problem']} {done['counts']} {rejects}")


def _joined(parts: Sequence[File]) -> File:
    return File(parts[-1].name, parts[0].header, [row for part in parts for row in part.rows])


def _neighbour(grade: str, *, better: bool) -> str:
    grades = ("AAA", "AA", "A", "B", "C")
    at = grades.index(grade) + (-1 if better else 1)
    return grades[max(0, min(at, len(grades) - 1))]
