"""`channel receivables incidents`: what speaks against dealers' credit."""

from datetime import datetime

import click

from channel.cli.terminal.arguments import AS_OF, KNOWN_AT, day, one_of
from channel.cli.terminal.client import Api, connected
from channel.cli.terminal.output import Show, formatted
from channel.receivables.lists.incidents import INCIDENTS
from channel.receivables.rules.incidents import IncidentKind


@click.command()
@click.option("--dealer", metavar="CODE", help="Only this dealer.")
@click.option("--kind", type=one_of(IncidentKind), help="Only those of this kind.")
@click.option("--responsible", metavar="CODE", help='Only dealers of this member of staff; "nobody": of none.')
@AS_OF
@KNOWN_AT
@formatted
@connected
def incidents(
    api: Api,
    show: Show,
    *,
    dealer: str | None,
    kind: str | None,
    responsible: str | None,
    as_of: datetime | None,
    known_at: str | None,
) -> None:
    """List broken promises, write-offs, dishonoured bills and holds."""
    asked = {
        "dealer": dealer, "kind": kind, "responsible": responsible, "as_of": day(as_of), "known_at": known_at,
    }  # fmt: skip
    show.listed(INCIDENTS, api.every("/api/v1/receivables/incidents", **asked, limit=200))
