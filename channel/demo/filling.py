"""The story carried into an empty database: the same uploads, loads and acts, by the same people, at past moments.

Everything happens in the order of its moments, so that what was known then is what is told of then.
"""

import heapq
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time, timedelta

from channel import clock, files
from channel.access import service as access
from channel.access.rules import Person
from channel.database import db
from channel.demo import company
from channel.demo.story import DEALERS, File, Reports, Story
from channel.imports.service.loads import LoadWish, load_of, rejects_of, start_load
from channel.imports.service.uploads import take_in
from channel.imports.service.worker import run_waiting
from channel.periods import Month

AT = time(1, 30, tzinfo=UTC)
"""When in the morning things happen that have no hour of their own."""
DUE_DAY = 10
"""Dealers send their reports by this day of the next month, as their terms say."""


class Filling:
    """One filling of an empty database, of the story that ends with the month `last`, by people who have signed in."""

    def __init__(self, last: Month, dealers: int = DEALERS) -> None:
        self.now = clock.now()
        self.story = Story(last, dealers)
        self.people: dict[str, Person] = {}
        self.rates_until = date.min
        self.hearing: list[Callable[[Reports], None]] = []
        """Who plans by what is sold: each hears of a month's reports before anything that happens after that month."""
        self._coming: list[tuple[datetime, int, Callable[[], Awaitable[None]]]] = []

    def plan(self, at: datetime, act: Callable[[], Awaitable[None]]) -> None:
        """Have something done at a moment, when the filling comes to it."""
        heapq.heappush(self._coming, (min(at, self.now), len(self._coming), act))

    async def live_until(self, moment: datetime) -> None:
        """Do whatever was planned up to a moment."""
        while self._coming and self._coming[0][0] <= moment:
            at, _, act = heapq.heappop(self._coming)
            with clock.fixed(at):
                await act()

    def moment(self, day: date, plus: timedelta = timedelta()) -> datetime:
        """A moment of that day's morning, or just now where the story would run into the future."""
        return min(datetime.combine(day, AT) + plus, self.now)

    async def enter_rates(self, at: datetime) -> None:
        """Enter the rates up to that day that are not in yet."""
        file = self.story.rate_file(self.rates_until, at.date())
        if file.rows:
            await self.load("fang", "rates", file, at)
            self.rates_until = at.date()

    async def sign_in(self, login: str) -> None:
        """Sign somebody in, to act from here on."""
        async with db.held():
            token = await access.sign_in(login, company.PASSWORD, address="127.0.0.1", agent="demonstration")
            person = await access.person_of_session(token)
        if person is None:
            raise RuntimeError(f"{login} has a password and cannot sign in")
        self.people[login] = person

    @asynccontextmanager
    async def acting(self, login: str) -> AsyncIterator[Person]:
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
                    LoadWish(
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
