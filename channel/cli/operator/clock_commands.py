"""`channel clock`: the clock of a database that was made with one that can be moved."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import click

from channel import clock as the_clock
from channel.access import service as access
from channel.cli.operator.installation import as_operator, opened
from channel.cli.terminal.environment import chosen_settings
from channel.cli.terminal.lazy_groups import ListedGroup
from channel.cli.terminal.output import inform
from channel.database import db
from channel.errors import Refused
from channel.settings import Settings

_FORMS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"]


@click.group(cls=ListedGroup)
def clock() -> None:
    """The clock of a trial: a database made with CHANNEL_NOW has one that can be moved on."""


@clock.command()
def show() -> None:
    """Tell what the clock says, and by how much it is moved."""
    settings = chosen_settings()
    with opened(settings) as place:
        as_operator(place, db.measure_clock)
        _tell(settings)


@clock.command("set")
@click.argument("moment", type=click.DateTime(_FORMS))
def set_(moment: datetime) -> None:
    """Move the clock on to MOMENT (in the company's time zone), while the service runs or not; never back."""
    settings = chosen_settings()
    with opened(settings) as place:
        wanted = moment.replace(tzinfo=ZoneInfo(settings.timezone)).astimezone(UTC)
        try:
            as_operator(place, lambda: access.set_clock(wanted))
        except Refused as refused:
            raise click.ClickException(str(refused)) from None
        _tell(settings)


def _tell(settings: Settings) -> None:
    now = the_clock.now().astimezone(ZoneInfo(settings.timezone)).isoformat(" ", "seconds")
    ahead = the_clock.offset()
    if not ahead:
        inform("It is %(now)s; the clock goes by the real time.", now=now)
        return
    inform("It is %(now)s; the clock is moved by %(days)s days and %(seconds)s seconds.", now=now, days=ahead.days,
           seconds=ahead.seconds)  # fmt: skip
