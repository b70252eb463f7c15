"""What the state of the cooperation with a dealer means for his limit: who gets one, and when one ends with it."""

from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType

from channel.credit.rules.approval import LimitEvent, limit_spans
from channel.credit.rules.steps import Step, StepKind
from channel.dealers.rules import STATUS_NAMES, Status
from channel.errors import Message, m

_REFUSED: Mapping[str, Message] = MappingProxyType(
    {
        Status.PROSPECT: m("the dealer is a prospect: only dealers that are active or on hold get a limit"),
        Status.ENDED: m("the cooperation with this dealer has ended"),
    }
)
WITHOUT_LIMIT = tuple(sorted(_REFUSED))
"""The statuses in which no limit comes into force."""
# A run tells it a hundred thousand times.
_STEPS = {name.value: Step("status", StepKind.NOTE, m("Status"), (said,)) for name, said in STATUS_NAMES.items()}


def status_refused(status: str | None) -> Message | None:
    """Why a dealer of this status gets no limit, or None where he may get one; so it is where none is known."""
    return None if status is None else _REFUSED.get(status)


def status_step(status: str) -> Step:
    """The status as a line of the receipt."""
    return _STEPS[status]


def is_assessed_in_runs(status: str | None) -> bool:
    """Whether a run over many dealers takes this one: those at work with us, on hold or not."""
    return status in {Status.ACTIVE, Status.ON_HOLD}


def days_to_end(events: Iterable[LimitEvent], begin: date) -> tuple[date, ...]:
    """On which days the limit has to end, so that nothing approved so far is in force from `begin` on.

    That is the first day where something holds on it, and the first day of every limit that begins later: an end
    does not reach those.
    """
    every = list(events)
    first = {event.place: event.from_on for event in every}
    return tuple(
        sorted(
            {max(begin, first[span.place]) for span in limit_spans(every) if span.to_on is None or span.to_on > begin}
        )
    )
