"""Who of the staff looks after many dealers."""

import click

from channel.cli.terminal.act_options import Body, body_of
from channel.cli.terminal.client import Api, connected
from channel.cli.terminal.output import Show, formatted, inform, pass_on
from channel.cli.terminal.words import say
from channel.dealers.acts import ChangeResponsible

_AT = "/api/v1/responsible"


@click.command()
@click.argument("member")
@body_of(ChangeResponsible, but=("member", "confirmed"))
@click.option("--preview", is_flag=True, help="Show what would be done, and do nothing.")
@click.option("--yes", is_flag=True, help="Do not ask again.")
@connected
@formatted
def responsible(api: Api, *, show: Show, member: str, body: Body, preview: bool, yes: bool) -> None:
    """Let a member of staff ("nobody" for none) look after all dealers that the filters find, or some of them.

    What would be done is shown before it is: how many dealers, from whom, and what open work goes along.
    """
    asked = {"member": member, **body}
    found = api.post(f"{_AT}/preview", asked)
    if show.format != "table":
        show.document(found)
    else:
        _tell(found)
    if preview or not found["dealers"]:
        return
    if not (yes or click.confirm(say("Change them?"), err=True)):
        return
    done = api.post(_AT, {**asked, "confirmed": found["mark"]})
    inform(
        "From %(effective_on)s on %(dealers)s dealers have another responsible; handed over: %(handed_over)s.", **done
    )


def _tell(found: Body) -> None:
    inform(
        "From %(effective_on)s on %(dealers)s dealers would have another responsible; %(unchanged)s have the same"
        " already.",
        **found,
    )
    for each in found["so_far"]:
        who = say("nobody") if each["member"] is None else f"{each['name']} ({each['member']})"
        pass_on(f"  {who}: {each['dealers']}")
    for each in found["goes_along"]:
        pass_on(f"  {each['told']}")
