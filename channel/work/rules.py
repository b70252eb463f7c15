"""When work is due and for which period, and how often it is tried."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import Enum

from channel.periods import Month

_DAY = timedelta(days=1)


class Rhythm(Enum):
    """The periods in which something comes again, by the company's calendar; a period is known by its first day."""

    DAY = "day"
    MONTH = "month"

    def begin(self, day: date) -> date:
        """The period in which a day lies."""
        return day if self is Rhythm.DAY else Month.of(day).first

    def after(self, period: date) -> date:
        """The period that follows."""
        return period + _DAY if self is Rhythm.DAY else Month.of(period).end


class CatchUp(Enum):
    """What is done of the periods that were missed while nobody worked."""

    EACH = "each"
    """Every one of them, one after the other."""
    LAST = "last"
    """Only the latest: it does what all of them would have done."""


@dataclass(frozen=True, slots=True)
class Every:
    """Something comes again in each period, due on its first day from a time of day on in the company's zone."""

    rhythm: Rhythm
    at: time = time()
    catch_up: CatchUp = CatchUp.LAST

    def due_at(self, period: date, zone: tzinfo) -> datetime:
        """The moment from which on a period is due."""
        return datetime.combine(period, self.at, zone).astimezone(UTC)

    def latest(self, now: datetime, zone: tzinfo) -> date:
        """The latest period that is due."""
        period = self.rhythm.begin(now.astimezone(zone).date())
        return period if self.due_at(period, zone) <= now else self.rhythm.begin(period - _DAY)

    def taken(self, period: date, now: datetime, zone: tzinfo) -> date:
        """The period that is carried out when this one has come due and nobody took it until now."""
        return period if self.catch_up is CatchUp.EACH else max(period, self.latest(now, zone))


@dataclass(frozen=True, slots=True)
class Retries:
    """How often something is tried, with pauses between that double from the first up to the longest."""

    most: int = 5
    first: timedelta = timedelta(minutes=1)
    longest: timedelta = timedelta(hours=1)

    def pause_after(self, attempt: int) -> timedelta | None:
        """How long to wait after this attempt (the first is 1) has failed; None where it was the last."""
        if attempt >= self.most:
            return None
        pause = self.first
        for _ in range(attempt - 1):
            pause = min(2 * pause, self.longest)
        return min(pause, self.longest)
