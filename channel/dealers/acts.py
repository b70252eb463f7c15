"""The acts of the room `dealers`."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated

from channel.acts import Act, Reason, Said
from channel.errors import FieldError, m

_FIRST_DAY_WITHOUT = m("The first day without it; empty for no end.")


class GrantExclusivity(Act, frozen=True, kw_only=True):
    """A dealer alone may sell a line in a territory and below it on [from_on, to_on), line and territory by code."""

    line: Annotated[str, Said(m("Product line"))]
    territory: Annotated[str, Said(m("Territory"))]
    from_on: Annotated[date, Said(m("From"), option="--from")]
    to_on: Annotated[date | None, Said(m("Until before"), hint=_FIRST_DAY_WITHOUT, option="--until-before")] = None
    reason: Reason

    def between(self) -> Iterable[FieldError]:
        """The end lies after the beginning."""
        if self.to_on is not None and self.to_on <= self.from_on:
            yield FieldError("to_on", m("The end must lie after the beginning."))


class EndExclusivity(Act, frozen=True, kw_only=True):
    """The first day on which a grant holds no longer, and why."""

    to_on: Annotated[date, Said(m("First day without it"), option="--until-before")]
    reason: Reason
