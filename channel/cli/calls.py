"""`channel calls`: the call list of a day, worked through dealer by dealer."""

import click

from channel.cli.terminal.act_options import Body, body_of
from channel.cli.terminal.arguments import one_of
from channel.cli.terminal.client import Api, connected, part
from channel.cli.terminal.lazy_groups import ListedGroup
from channel.cli.terminal.output import Show, formatted, inform
from channel.receivables.acts.calls import LogCall, NextCall
from channel.receivables.lists.calls import CALLS, LEFT_OUT_NAMES
from channel.receivables.rules.ageing import Money

_V1 = "/api/v1/receivables"


@click.group(cls=ListedGroup)
def calls() -> None:
    """The call list of today: whom to call about what is overdue, next after next."""


@calls.command("list")
@click.option("--territory", help="Only dealers there and below.")
@click.option("--currency", help="Only what is owed in this currency.")
@click.option("--money", type=one_of(Money), help="In which money amounts are told; the company's, if it has one.")
@click.option("--responsible", metavar="CODE", help='Only dealers of this member of staff; "nobody": of none.')
@click.option("--left-out", is_flag=True, help="Those who are not to be called, and why.")
@formatted
@connected
def list_calls(
    api: Api,
    show: Show,
    territory: str | None,
    currency: str | None,
    money: str | None,
    responsible: str | None,
    *,
    left_out: bool,
) -> None:
    """List whom to call today, the most urgent first."""
    asked = {
        "territory": territory,
        "currency": currency,
        "money": money,
        "responsible": responsible,
        "left_out": left_out or None,
    }
    show.listed(CALLS, api.every(f"{_V1}/calls", **asked, limit=200))
    if show.format == "table" and not left_out:
        del asked["left_out"]
        for each in api.get(f"{_V1}/calls/left-out", **asked):
            inform("Left out: %(dealers)s, %(why)s.", dealers=each["dealers"], why=LEFT_OUT_NAMES[each["why"]])


@calls.command("next")
@body_of(NextCall)
@connected
def next_call(api: Api, *, body: Body) -> None:
    """Take the next dealer to call: he is yours for a quarter of an hour."""
    found = api.post(f"{_V1}/calls/next", body)
    if found["dealer"] is None:
        inform("Nobody more is to be called.")
    else:
        inform("Call %(dealer)s.", **found)


@calls.command("claim")
@click.argument("dealer", metavar="CODE")
@connected
def claim_call(api: Api, *, dealer: str) -> None:
    """Call dealer CODE: nobody else does for a quarter of an hour."""
    api.post(f"{_V1}/dealers/{part(dealer)}/call/claim")
    inform("The dealer is yours to call.")


@calls.command("release")
@click.argument("dealer", metavar="CODE")
@connected
def release_call(api: Api, *, dealer: str) -> None:
    """Let others call dealer CODE."""
    api.delete(f"{_V1}/dealers/{part(dealer)}/call/claim")
    inform("Others can call the dealer.")


@calls.command("log")
@click.argument("dealer", metavar="CODE")
@body_of(LogCall)
@connected
def log_call(api: Api, *, dealer: str, body: Body) -> None:
    """Write down a call with dealer CODE, and the promise to pay that was given in it."""
    done = api.post(f"{_V1}/dealers/{part(dealer)}/call", body)
    inform("It is entry %(entry)s of the contact log.", entry=done["entry"])
    if done["promise"] is not None:
        inform("It is promise %(id)s.", id=done["promise"])
