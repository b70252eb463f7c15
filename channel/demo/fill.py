"""The story carried into an empty database: the same uploads, loads and acts, by the same people, at past moments.

Everything happens in the order of its moments, so that what was known then is what is told of then.
"""

import heapq
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import groupby

from channel import clock, files
from channel.access import queries as access_queries
from channel.access import service as access
from channel.access.acts import AddPerson
from channel.access.rules import OPERATOR, Person, Role
from channel.app import ROOMS, use_rooms
from channel.database import db
from channel.dealers.acts import ChangeFact, GrantExclusivity, KeepCustomer
from channel.dealers.rules import Fact, SecondTierKind, Status
from channel.dealers.service.dealers import keep_second_tier
from channel.dealers.service.exclusivity import grant_exclusivity
from channel.dealers.service.facts import change_fact
from channel.demo import company
from channel.demo.decisions import Finance
from channel.demo.story import DEALERS, MONTHS, Dealer, File, Reports, Story
from channel.imports.service.loads import Wish, load_of, rejects_of, start_load
from channel.imports.service.uploads import take_in
from channel.imports.service.worker import run_waiting
from channel.periods import Month

MARK = "demonstration"
"""The setting that says: everything here is made up, and its passwords are known to everybody."""

OPENING = 12
"""Months before the story's first by which the dealers' facts are in effect."""

_MONTHS_OF_YEAR = 12
_GRANTS = 10
_RATES_BACK = 30
"""Days of rates that are looked at when the demonstration is started again."""
_AT = time(1, 30, tzinfo=UTC)
_DUE_DAY = 10
"""Dealers send their reports by this day of the next month, as their terms say."""


class Filling:
    """One filling of an empty database up to the month before today; `told` hears how far it is."""

    def __init__(self, told: Callable[[str, float], None], dealers: int = DEALERS) -> None:
        self._told = told
        self.now = clock.now()
        self.story = Story(Month.of(clock.today()).plus(-1), dealers)
        self.people: dict[str, Person] = {}
        self._rates_until = date.min
        self._coming: list[tuple[datetime, int, Callable[[], Awaitable[None]]]] = []

    async def run(self) -> None:
        """Fill it: people, masters, and month after month what was reported, changed and decided."""
        use_rooms(ROOMS)
        self._told("people and masters", 0.0)
        began = datetime.combine(self.story.months[0].first - timedelta(days=20), _AT)
        await self._open(began)
        self._plan_dealers(began + timedelta(days=2))
        self._plan_statements()
        self._plan_changes()
        self._plan_grants()
        self._plan_decisions()
        batch: list[Reports] = []
        for number, reports in enumerate(self.story.reports(), start=1):
            batch.append(reports)
            # Of the first year the company loaded a quarter at a time, then it learned to do it every month.
            if number > _MONTHS_OF_YEAR or number % 3 == 0:
                await self._live_until(self._moment(reports.month.end, timedelta(days=2)))
                await self._report(batch)
                batch = []
            self._told(f"reports of {reports.month}", number / (MONTHS + 2))
        await self._live_until(self.now)
        async with db.held(access.scope_of(OPERATOR)), db.transaction():
            await access_queries.record_setting(MARK, str(self.story.months[-1]))
            await access.audit(OPERATOR, "fill the demonstration", "company")

    async def keep_up(self) -> None:
        """Enter the exchange rates since the last start: yesterday's amounts could not be compared without them."""
        use_rooms(ROOMS)
        async with db.held(access.scope_of(OPERATOR)):
            last = await access_queries.setting(MARK)
        if not isinstance(last, str):
            return
        self.story = Story(Month.parse(last))
        await self._sign_in("fang")
        self._rates_until = self.now.date() - timedelta(days=_RATES_BACK)
        await self._enter_rates(self.now)

    def plan(self, at: datetime, act: Callable[[], Awaitable[None]]) -> None:
        """Have something done at a moment, when the filling comes to it."""
        heapq.heappush(self._coming, (min(at, self.now), len(self._coming), act))

    async def _live_until(self, moment: datetime) -> None:
        while self._coming and self._coming[0][0] <= moment:
            at, _, act = heapq.heappop(self._coming)
            with clock.fixed(at):
                await act()

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
                added = AddPerson(
                    login=account.login,
                    name=account.name,
                    role=Role(account.role),
                    territories=list(account.territories),
                    password=company.PASSWORD,
                )
                await access.add_person(by, added)
            await self._sign_in(account.login)

    async def _sign_in(self, login: str) -> None:
        async with db.held():
            token = await access.sign_in(login, company.PASSWORD, address="127.0.0.1", agent="demonstration")
            person = await access.person_of_session(token)
        if person is None:
            raise RuntimeError(f"{login} has a password and cannot sign in")
        self.people[login] = person

    def _plan_dealers(self, at: datetime) -> None:
        """Those who were there before are entered at the start, the others in the month in which they are appointed."""
        opening = self.story.months[0].plus(-OPENING).first
        for first, group in groupby(sorted(self.story.dealers, key=lambda d: d.first), lambda d: d.first):
            day = opening if first == 0 else self.story.months[first].first
            self.plan(at if first == 0 else self._moment(day), partial(self._enter_dealers, list(group), day))

    async def _enter_dealers(self, dealers: list[Dealer], day: date) -> None:
        await self.load("mei", "dealers", self.story.dealer_file(dealers), clock.now(), effective_on=day.isoformat())
        async with self._acting("oscar") as oscar:
            for dealer in dealers:
                for code, name, kind in dealer.customers:
                    customer = KeepCustomer(code=code, name=name, kind=SecondTierKind(kind))
                    await keep_second_tier(oscar, dealer.code, customer)

    async def _report(self, batch: Sequence[Reports]) -> None:
        """The company's own sales a few days after the month, the dealers' reports when they are due."""
        first, last = batch[0].month, batch[-1].month
        period = f"{first}:{last}"
        closing = self._moment(last.end, timedelta(days=2))
        due = self._moment(last.end, timedelta(days=_DUE_DAY))
        await self._enter_rates(closing)
        sell_in = _joined([reports.sell_in for reports in batch])
        await self.load("fang", "sell-in", sell_in, closing, period=period)
        await self._live_until(due)
        # The rates of these days are needed by what finance decides on the reports.
        await self._enter_rates(due)
        for reports in batch:
            month = str(reports.month)
            await self.load("mei", "sell-through", reports.sell_through, due, period=month)
            await self.load("mei", "stock", reports.stock, due, period=month)

    def _plan_statements(self) -> None:
        """Every fifth of those who were there before sends his accounts in spring."""
        dealers = [d for d in self.story.dealers if d.first == 0 and d.last == MONTHS][::5]
        first, last = self.story.months[0], self.story.months[-1]
        years = [first.year - 1, *(y for y in range(first.year, last.year) if date(y + 1, 4, 20) <= self.now.date())]
        files = [self.story.statement_file(dealers, [year]) for year in years]
        for year, file in zip(years, files, strict=True):
            day = max(date(year + 1, 4, 20), first.first)
            self.plan(self._moment(day), partial(self._enter_statements, file))

    async def _enter_statements(self, file: File) -> None:
        await self.load("grace", "statements", file, clock.now())

    async def _enter_rates(self, at: datetime) -> None:
        file = self.story.rate_file(self._rates_until, at.date())
        if file.rows:
            await self.load("fang", "rates", file, at)
            self._rates_until = at.date()

    def _plan_changes(self) -> None:
        """What changed on the way: grades, terms, dealers put on hold and ended."""
        months = self.story.months
        steady = [d for d in self.story.dealers if d.first == 0 and d.last == MONTHS]
        for number, dealer in enumerate(steady[3::11]):
            better = dealer.growth > 0
            grade = _neighbour(dealer.grade, better=better)
            why = "Pays early and grows: 付款及时, 销量增长" if better else "Pays late more and more often: 付款拖延"
            day = months[14 + number % 9].first
            self.plan(
                self._moment(day, timedelta(days=4)), partial(self._change, "fang", dealer, Fact.GRADE, grade, day, why)
            )
        for number, dealer in enumerate(steady[6::29]):
            day = months[12 + number].first
            why = "Contract renewed 续约"
            self.plan(self._moment(day), partial(self._change, "mei", dealer, Fact.TERMS_DAYS, "45", day, why))
        for dealer in self.story.dealers:
            if dealer.first == 0 and dealer.last < MONTHS:
                day = months[dealer.last].first
                why = "Closed the business 停业"
                self.plan(self._moment(day), partial(self._change, "mei", dealer, Fact.STATUS, Status.ENDED, day, why))
        for dealer in steady[20::60]:
            day = months[-1].first + timedelta(days=9)
            why = "Cheques came back twice 支票两次退票"
            self.plan(self._moment(day), partial(self._change, "mei", dealer, Fact.STATUS, Status.ON_HOLD, day, why))

    async def _change(self, login: str, dealer: Dealer, fact: Fact, value: str, day: date, why: str) -> None:
        async with self._acting(login) as person:
            act = ChangeFact(fact=fact, value=value, effective_on=day, reason=why)
            await change_fact(person, dealer.code, act)

    def _plan_grants(self) -> None:
        """Ten terminal dealers are the only ones of a line in their district."""
        taken: set[tuple[str, str]] = set()
        for dealer in self.story.dealers:
            place = (dealer.territory, dealer.lines[0])
            trades = dealer.first == 0 and dealer.last == MONTHS and dealer.type == "terminal"
            if not trades or place in taken or dealer.lines[0] == "SP" or len(taken) == _GRANTS:
                continue
            taken.add(place)
            month = self.story.months[6 + len(taken)]
            self.plan(self._moment(month.first), partial(self._grant, dealer, *place, month))

    async def _grant(self, dealer: Dealer, territory: str, line: str, month: Month) -> None:
        why = "Agreed in the contract 合同约定"
        async with self._acting("oscar") as oscar:
            act = GrantExclusivity(
                line=line, territory=territory, from_on=month.first, to_on=month.plus(24).first, reason=why
            )
            await grant_exclusivity(oscar, dealer.code, act)

    def _plan_decisions(self) -> None:
        """Limits are reviewed when the dealers' reports of a half-year are in; the last round is under way today."""
        finance, months = Finance(self._acting), self.story.months
        settled = timedelta(days=_DUE_DAY + 2)
        self.plan(self._moment(months[12].first, settled), partial(finance.review, "qian", ("fang", "grace")))
        self.plan(self._moment(months[18].first, settled), partial(finance.review, "fang", ("grace", "qian")))
        east = [d.code for d in self.story.dealers if d.territory.startswith("E") and d.first == 0 and d.last == MONTHS]
        raised = self._moment(self.now.date() - timedelta(days=12))
        for at in (raised - timedelta(hours=1), self.now - timedelta(hours=3)):
            self.plan(at, partial(self._enter_rates, at))
        self.plan(raised, partial(finance.raise_for_a_time, "dong", ("grace", "fang"), east[5:]))
        self.plan(self.now - timedelta(hours=2), partial(finance.begin_review, "qian", ("fang", "grace"), 12))

    @asynccontextmanager
    async def _acting(self, login: str) -> AsyncIterator[Person]:
        """The person at work, on a connection with that person's scope."""
        person = self.people[login]
        async with db.held(access.scope_of(person)):
            yield person

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
                done = await load_of(load_id)
                if done["state"] not in {"loaded", "unchanged"}:
                    rejects = [dict(row) for row in await rejects_of(load_id, 3)]
                    raise RuntimeError(f"{file.name} is {done['state']}: {done['problem']} {done['counts']} {rejects}")


def _joined(parts: Sequence[File]) -> File:
    return File(parts[-1].name, parts[0].header, [row for part in parts for row in part.rows])


def _neighbour(grade: str, *, better: bool) -> str:
    grades = ("AAA", "AA", "A", "B", "C")
    at = grades.index(grade) + (-1 if better else 1)
    return grades[max(0, min(at, len(grades) - 1))]
