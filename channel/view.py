"""The state of the books that somebody looks at. Pure: what makes one and what reads in it stand in `snapshots`."""

from dataclasses import dataclass
from datetime import date, datetime

KNOWN_SAID = (
    "As known at a moment that has passed, such as 2013-01-31T08:00; in the company's time zone. A date alone means its"
    " end there, today's means now."
)
"""What a program is told of `known_at`."""


@dataclass(frozen=True, slots=True)
class View:
    """The books as of a business date as known at a moment (K).

    `dated` says that somebody asked for the day, which is today otherwise, and `past` that he asked for the moment. As
    known now, a snapshot fixes the moment when it is opened (`snapshots.known_as`); before that it is the clock's.
    """

    as_of: date
    known_at: datetime
    past: bool = False
    dated: bool = False

    @property
    def moment(self) -> datetime | None:
        """The moment for queries inside a snapshot: None reads what that holds, which is quicker and the same."""
        return self.known_at if self.past else None

    @property
    def day(self) -> date | None:
        """The day that was asked for: None for lists that tell of every day, and for what is asked again alike."""
        return self.as_of if self.dated else None
