"""Commands about the register of staff: who works for the company, under whom and where."""

import click

from channel.access.acts import AddMember, ChangeMember, EndAway, EndDuty, EnterAway, GiveDuty, KeepDuty
from channel.access.lists import DUTIES, STAFF
from channel.access.rules.staff import Standing
from channel.cli.terminal.act_options import Body, body_of
from channel.cli.terminal.client import Api, connected, part
from channel.cli.terminal.lazy_groups import ListedGroup
from channel.cli.terminal.output import Show, formatted, inform


@click.group(cls=ListedGroup)
def staff() -> None:
    """The register of staff: who works for the company, under whom and where."""


@staff.command("list")
@click.option("--text", help="Looked for in code and name.")
@click.option("--territory", metavar="CODE", help="Those who work at or below it.")
@click.option("--standing", type=click.Choice([each.value for each in Standing]))
@click.option("--duty", metavar="CODE", help="Those who have it today.")
@click.option("--under", metavar="CODE", help="Those beneath this member, however far.")
@connected
@formatted
def list_staff(api: Api, *, show: Show, text: str | None, **asked: str | None) -> None:
    """List members of staff."""
    show.listed(STAFF, api.every("/api/v1/staff", q=text, limit=500, **asked))


@staff.command("show")
@click.argument("code")
@connected
@formatted
def show_member(api: Api, *, show: Show, code: str) -> None:
    """Show one member of staff."""
    show.document(api.get(f"/api/v1/staff/{part(code)}"))


@staff.command("add")
@click.argument("code")
@body_of(AddMember, but=("code",))
@connected
def add_member(api: Api, *, code: str, body: Body) -> None:
    """Add a member of staff."""
    api.post("/api/v1/staff", {"code": code, **body})
    inform("Added.")


@staff.command("change")
@click.argument("code")
@click.option("--no-last-day", is_flag=True, help="There is no end any more.")
@body_of(ChangeMember)
@connected
def change_member(api: Api, *, code: str, no_last_day: bool, body: Body) -> None:
    """Change a member of staff; "" as manager, territory or sign-in name takes it away."""
    api.patch(f"/api/v1/staff/{part(code)}", body | ({"last_on": None} if no_last_day else {}))
    inform("What was changed of %(code)s is kept.", code=code)


@staff.group("duty", cls=ListedGroup)
def duty() -> None:
    """Duties, the rights that they add, and who has them."""


@duty.command("list")
@connected
@formatted
def list_duties(api: Api, *, show: Show) -> None:
    """List the duties with the rights that they add."""
    show.listed(DUTIES, api.every("/api/v1/duties"))


@duty.command("keep")
@click.argument("code")
@body_of(KeepDuty, but=("code",))
@connected
def keep_duty(api: Api, *, code: str, body: Body) -> None:
    """Add a duty, or change the one with this code; it adds exactly the rights that are named."""
    api.put("/api/v1/duties", {"code": code, **body})
    inform("Kept.")


@duty.command("give")
@click.argument("member")
@click.argument("code", metavar="DUTY")
@body_of(GiveDuty, but=("duty",))
@connected
def give_duty(api: Api, *, member: str, code: str, body: Body) -> None:
    """Let a member of staff have a duty from a day on; `channel staff show` tells the number of each."""
    api.post(f"/api/v1/staff/{part(member)}/duties", {"duty": code, **body})
    inform("The duty is given.")


@duty.command("end")
@click.argument("member")
@click.argument("number", type=int)
@body_of(EndDuty)
@connected
def end_duty(api: Api, *, member: str, number: int, body: Body) -> None:
    """Let a duty of a member end before a day; NUMBER is told by `channel staff show`."""
    api.post(f"/api/v1/staff/{part(member)}/duties/{number}/end", body)
    inform("The duty ends.")


@staff.group("away", cls=ListedGroup)
def away() -> None:
    """Days away and deputies; `channel staff show` tells them with their numbers."""


@away.command("enter")
@click.argument("member")
@body_of(EnterAway)
@connected
def enter_away(api: Api, *, member: str, body: Body) -> None:
    """Let a member of staff be away on some days, with a deputy."""
    api.post(f"/api/v1/staff/{part(member)}/away", body)
    inform("The days away are entered.")


@away.command("correct")
@click.argument("member")
@click.argument("number", type=int)
@body_of(EnterAway)
@connected
def correct_away(api: Api, *, member: str, number: int, body: Body) -> None:
    """Say anew from when to when a member is away, and with which deputy."""
    api.post(f"/api/v1/staff/{part(member)}/away/{number}/correct", body)
    inform("The days away are corrected.")


@away.command("end")
@click.argument("member")
@click.argument("number", type=int)
@body_of(EndAway)
@connected
def end_away(api: Api, *, member: str, number: int, body: Body) -> None:
    """Let a member be back sooner; a day before the first one away takes the days back."""
    api.post(f"/api/v1/staff/{part(member)}/away/{number}/end", body)
    inform("The days away end.")
