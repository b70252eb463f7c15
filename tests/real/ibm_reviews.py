"""Whom the reviews of a year concern, and what they see, worked out from the file of a real company alone.

What took effect up to a Sunday is loaded on that Sunday; every dealer but each tenth has a limit entered by hand, and
every fourth dealer's ends within the year. Nobody has a statement or was spoken with. A day is looked at as it was
known on it: of what came after the last Sunday nothing was.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from channel.reviews.rules.snapshot import Snapshot, snapshot_from_document
from tests.real.ibm import BUCKETS, Row, rows

D = Decimal
FIRST, LAST = date(2013, 1, 1), date(2013, 12, 31)
USE, USE_EACH_DAY = D("0.8"), D("0.9")
DAYS_ABOVE = 30
ENDS_WITHIN = 30
GRACE, SHARE = 3, D("0.95")
AGAIN = 30
"""After so many days a limit review of the same dealer can be opened again."""
WEEKLY, MONTHLY = "receivables-weekly", "receivables-monthly"
ENDING, USED = "limit-ends", "limit-used"
STALE, STATEMENTS = "stale-files", "statements-yearly"
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class GivenLimit:
    """A limit entered by hand, in force on the days [FIRST, until)."""

    amount: Decimal
    until: date

    def on(self, day: date) -> Decimal | None:
        """What of it is in force on a day."""
        return self.amount if FIRST <= day < self.until else None


@dataclass(frozen=True)
class Promised:
    """What a dealer promises: half of what he owed on the first Sunday of a month, for two weeks later."""

    dealer: str
    given_on: date
    amount: Decimal

    @property
    def due_on(self) -> date:
        """The day for which it is promised."""
        return self.given_on + 14 * _DAY

    @property
    def until(self) -> date:
        """The last day on which money keeps it, with the days of grace that come with the service."""
        return self.due_on + GRACE * _DAY


@dataclass(frozen=True)
class Seen:
    """What a review of a dealer is to see."""

    buckets: tuple[Decimal, ...]
    overdue: Decimal
    overdue_before: Decimal
    exposure: Decimal
    limit: Decimal | None
    broken_promises: int


def days(first: date, last: date) -> Iterator[date]:
    """Every day from the first to the last."""
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _again(dealer: str, day: date, last: Mapping[str, date]) -> bool:
    return dealer not in last or (day - last[dealer]).days >= AGAIN


@dataclass(frozen=True)
class Year:
    """The file with the payments of every so manieth dealer moved, late enough to fill every bucket.

    On the days of `idle` nothing is opened, and on those of `down` nothing is loaded either.
    """

    moved: int = 1
    idle: frozenset[date] = frozenset()
    down: frozenset[date] = frozenset()

    def is_loaded(self, day: date) -> bool:
        """Whether documents are loaded on a day, those of all days up to it."""
        return day.isoweekday() == 7 and FIRST <= day <= LAST and day not in self.down

    @cached_property
    def _known(self) -> dict[date, date]:
        found, last = {}, FIRST - _DAY
        for day in days(FIRST, LAST):
            found[day] = last
            last = day if self.is_loaded(day) else last
        return found

    def known_until(self, day: date) -> date:
        """Up to which day documents were loaded when a day begins: the last Sunday before it, or the year before."""
        return self._known[day]

    @cached_property
    def of_dealer(self) -> dict[str, list[Row]]:
        """The lines of each dealer."""
        copies: list[dict[str, list[Row]]] = []
        for later in (True, False):
            copies.append(defaultdict(list))
            for row in rows(later):
                copies[-1][row.dealer].append(row)
        return {dealer: copies[n % self.moved > 0][dealer] for n, dealer in enumerate(sorted(copies[0]))}

    @cached_property
    def limits(self) -> dict[str, GivenLimit]:
        """The limits by hand: 200 to 550 for the year, none of each tenth dealer; every fourth ends from March on."""
        return {
            dealer: GivenLimit(D(200 + 50 * (n % 8)), date(2013, 3, 1) + 2 * n * _DAY if n % 4 == 0 else LAST + _DAY)
            for n, dealer in enumerate(self.of_dealer)
            if n % 10 != 9
        }

    @cached_property
    def promises(self) -> list[Promised]:
        """What each third dealer promises, on the first Sunday of each month on which documents are loaded."""
        return [
            Promised(dealer, day, (self.owed(dealer, day, day) / 2).quantize(D("0.01")))
            for day in days(FIRST, LAST)
            if self.is_loaded(day) and day.day <= 7
            for dealer in list(self.of_dealer)[::3]
            if self.owed(dealer, day, day) > 0
        ]

    @cached_property
    def judged(self) -> dict[tuple[str, date], tuple[date, str, Decimal]]:
        """By dealer and day of the promise: when it was judged, as what, and how much had come for it by then."""
        found = {}
        for each in self.promises:
            on = next((day for day in days(each.until + _DAY, LAST) if day not in self.idle | self.down), None)
            if on is not None:
                until = min(each.until, self.known_until(on))
                paid = (row for row in self.of_dealer[each.dealer] if each.given_on <= row.settled_on <= until)
                came = min(each.amount, sum((row.amount for row in paid), D(0)))
                state = "kept" if came >= SHARE * each.amount else "broken"
                found[each.dealer, each.given_on] = on, state, came
        return found

    def broken(self, dealer: str, until: date) -> int:
        """How many of his promises of the year had been judged as broken by a day."""
        states = [(day, state) for (whose, _), (day, state, _) in self.judged.items() if whose == dealer]
        return sum(state == "broken" and day <= until for day, state in states)

    def open(self, dealer: str, on: date) -> list[Row]:
        """What was not paid at the end of a day."""
        return [row for row in self.of_dealer[dealer] if row.invoiced_on <= on < row.settled_on]

    @cached_property
    def _owed(self) -> dict[tuple[str, date], Decimal]:
        return {
            (dealer, day): sum((row.amount for row in self.open(dealer, day)), D(0))
            for dealer in self.of_dealer
            for day in days(FIRST - 40 * _DAY, LAST)
        }

    def owed(self, dealer: str, as_of: date, known: date) -> Decimal:
        """What was owed on a day, of what was loaded up to another."""
        return self._owed[dealer, min(as_of, known)]

    def overdue(self, dealer: str, as_of: date, known: date) -> Decimal:
        """What of it was past its due day on that day."""
        return sum((row.amount for row in self.open(dealer, min(as_of, known)) if row.due_on < as_of), D(0))

    def limit(self, dealer: str, day: date) -> Decimal | None:
        """The limit in force on a day."""
        given = self.limits.get(dealer)
        return given.on(day) if given is not None else None

    def passes(self, dealer: str, as_of: date, known: date, share: Decimal) -> bool:
        """Whether what was owed passes a share of the limit in force on that day."""
        limit = self.limit(dealer, as_of)
        return limit is not None and self.owed(dealer, as_of, known) > limit * share

    def weekly(self, monday: date, known: date) -> list[str]:
        """Of whom a Monday's receivables review is: anything is overdue, or the limit is used by more than 0.8."""
        return [
            dealer
            for dealer in self.of_dealer
            if self.overdue(dealer, monday, known) > 0 or self.passes(dealer, monday, known, USE)
        ]

    def ending(self, day: date, last: Mapping[str, date]) -> list[str]:
        """Of whom one is opened because his limit ends within 30 days; `last` are the days of the last ones."""
        return [
            dealer
            for dealer, limit in self.limits.items()
            if limit.on(day) is not None and (limit.until - day).days <= ENDS_WITHIN and _again(dealer, day, last)
        ]

    def used_each_day(self, day: date, known: date, last: Mapping[str, date]) -> list[str]:
        """Of whom one is opened because his limit was used by more than 0.9 on each of 30 days."""
        month = list(days(day - (DAYS_ABOVE - 1) * _DAY, day))
        return [
            dealer
            for dealer in self.of_dealer
            if _again(dealer, day, last) and all(self.passes(dealer, each, known, USE_EACH_DAY) for each in month)
        ]

    def expected(self) -> dict[tuple[str, date], tuple[date, list[str]]]:
        """By plan and period: up to which day documents are known, and of whom the reviews are.

        Weekly, quarterly and yearly ones that were missed are opened for the last day alone, monthly ones for each.
        """
        found: dict[tuple[str, date], tuple[date, list[str]]] = {}
        last: dict[str, dict[str, date]] = {ENDING: {}, USED: {}}
        missed: list[date] = []
        for day in days(FIRST, LAST):
            missed.append(day)
            if day in self.idle or day in self.down:
                continue
            known = self.known_until(day)
            for monday in [each for each in missed if each.isoweekday() == 1][-1:]:
                found[WEEKLY, monday] = known, self.weekly(monday, known)
            for first in (each for each in missed if each.day == 1):
                found[MONTHLY, first] = known, list(self.of_dealer)
            for each in [each for each in missed if each.day == 15 and each.month % 3 == 1][-1:]:
                found[STALE, each] = known, list(self.of_dealer)
            for each in [each for each in missed if (each.month, each.day) == (5, 1)][-1:]:
                found[STATEMENTS, each] = known, list(self.of_dealer)
            found[ENDING, day] = known, self.ending(day, last[ENDING])
            found[USED, day] = known, self.used_each_day(day, known, last[USED])
            for plan, opened in last.items():
                opened.update(dict.fromkeys(found[plan, day][1], day))
            missed = []
        return found

    def seen(self, dealer: str, day: date, before: date, known: date) -> Seen:
        """What a review of a day sees, and of an earlier day, both of what was loaded up to a third."""
        buckets = [D(0)] * len(BUCKETS)
        for row in self.open(dealer, min(day, known)):
            late = (day - row.due_on).days
            buckets[next(n for n, (first, last) in enumerate(BUCKETS) if first <= late <= last)] += row.amount
        return Seen(
            tuple(buckets),
            self.overdue(dealer, day, known),
            self.overdue(dealer, before, known),
            self.owed(dealer, day, known),
            self.limit(dealer, day),
            self.broken(dealer, day),
        )


def compared(
    year: Year, runs: Iterable[tuple[str, date]], opened: Sequence[tuple[str, date, str, dict[str, Any]]]
) -> list[str]:
    """What of the runs and of the reviews (plan, day, dealer, snapshot) is otherwise than the file says, in words."""
    expected, reviewed = year.expected(), Counter((plan, day, code) for plan, day, code, _ in opened)
    named = {(plan, day, code) for (plan, day), (_, codes) in expected.items() for code in codes}
    wrong = [f"opened, and not expected, or otherwise: {each}" for each in sorted(set(runs) ^ expected.keys())]
    wrong += [f"{count} reviews of {each}" for each, count in sorted(reviewed.items()) if count != 1]
    wrong += [f"a review without a reason: {each}" for each in sorted(reviewed.keys() - named)]
    wrong += [f"a review is missing: {each}" for each in sorted(named - reviewed.keys())]
    for plan, day, code, document in opened:
        if (plan, day, code) in named:
            shot = snapshot_from_document(document)
            wanted = year.seen(code, day, shot.compared_on, expected[plan, day][0])
            if (seen := _seen(shot)) != wanted:
                wrong.append(f"{plan} of {day}, {code}: {seen}, by the file {wanted}")
    return wrong


def _seen(shot: Snapshot) -> Seen:
    assert shot.overdue is not None
    assert shot.overdue_before is not None
    assert shot.exposure is not None
    buckets = shot.aged[0].buckets if shot.aged else (D(0),) * len(BUCKETS)
    return Seen(buckets, shot.overdue, shot.overdue_before, shot.exposure, shot.limit, shot.broken_promises)
