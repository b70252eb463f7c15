"""Credit incidents: what speaks against a dealer's credit."""

from enum import StrEnum


class IncidentKind(StrEnum):
    """What it was: a promise broken, something written off, a bill reversed, the dealer put on hold."""

    BROKEN_PROMISE = "broken_promise"
    WRITE_OFF = "write_off"
    DISHONOURED_BILL = "dishonoured_bill"
    HOLD = "hold"
