"""Proposals: listed, made by hand, approved, refused and taken back, one or those of a run."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import click

from channel.acts import Why
from channel.cli.terminal.act_options import Body, body_of
from channel.cli.terminal.client import Api, connected, part
from channel.cli.terminal.output import Show, formatted, grouped, inform, pass_on
from channel.cli.terminal.words import say
from channel.credit.acts import ApproveRun, DecideLimit, ProposeLimit, WithdrawLimit
from channel.credit.lists import PROPOSALS

_V1 = "/api/v1/credit"
_MOST = 1000
_KINDS = ("base", "temporary", "end")
_ALL_KINDS = (*_KINDS, "raise_end")
_STATES = ("open", "approved", "refused", "withdrawn", "superseded", "ended", "any")


@click.command()
@click.option("--run", type=int, help="Only those of this run.")
@click.option("--dealer", metavar="CODE")
@click.option("--state", type=click.Choice(_STATES), default="open", show_default=True)
@click.option("--kind", type=click.Choice(_ALL_KINDS))
@click.option("--text", help="Looked for in the dealer's code and name.")
@click.option("--mine-to-decide", is_flag=True, help="Only those that wait for you.")
@formatted
@connected
def proposals(
    api: Api,
    show: Show,
    run: int | None,
    dealer: str | None,
    state: str,
    kind: str | None,
    text: str | None,
    *,
    mine_to_decide: bool,
) -> None:
    """List proposals, the biggest change first."""
    asked = {"run": run, "dealer": dealer, "state": state, "kind": kind, "q": text}
    found = api.every(f"{_V1}/proposals", **asked, mine_to_decide=str(mine_to_decide).lower(), limit=_MOST)
    show.listed(PROPOSALS, with_words(show, found))


def with_words(show: Show, found: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Proposals with what has changed since in words, where they are no JSON."""
    return (each if show.format == "json" else {**each, "stale": changed(each)} for each in found)


def changed(proposal: Mapping[str, Any]) -> str:
    """What has changed since it was computed, in words."""
    return "; ".join(each["said"] for each in proposal["stale"])


@click.command()
@click.argument("number", type=int, metavar="PROPOSAL")
@formatted
@connected
def proposal(api: Api, show: Show, number: int) -> None:
    """Show one proposal, with who proposed it, who approved it and why."""
    show.document(api.get(f"{_V1}/proposals/{number}"))


@click.command()
@click.argument("number", type=int, metavar="PROPOSAL")
@body_of(DecideLimit)
@connected
def approve(api: Api, number: int, body: Body) -> None:
    """Approve a proposal of somebody else; one that is out of date only by naming each thing that has changed."""
    waiting = api.get(f"{_V1}/proposals/{number}")
    done = api.post(f"{_V1}/proposals/{number}/approve", body)
    if done["state"] == "approved":
        told = {"dealer": done["dealer"], "from_on": waiting["takes_force_on"]}
        if done["kind"] == "raise_end":
            inform("The raise of %(dealer)s ends on %(from_on)s.", **told)
        elif done["amount"] is None:
            inform("No limit is in force for %(dealer)s from %(from_on)s on.", **told)
        else:
            inform(
                "In force for %(dealer)s from %(from_on)s: %(amount)s %(currency)s.",
                amount=grouped(done["amount"]),
                currency=done["currency"],
                **told,
            )
    else:
        given, needed = len(done["approvals"]), done["approvals_needed"]
        inform("Approved; %(given)s of %(needed)s approvals are given.", given=given, needed=needed)


@click.command()
@click.argument("number", type=int, metavar="PROPOSAL")
@body_of(Why)
@connected
def refuse(api: Api, number: int, body: Body) -> None:
    """Refuse a proposal of somebody else."""
    api.post(f"{_V1}/proposals/{number}/refuse", body)
    inform("Refused.")


@click.command()
@click.argument("number", type=int, metavar="PROPOSAL")
@body_of(WithdrawLimit)
@connected
def withdraw(api: Api, number: int, body: Body) -> None:
    """Take back a proposal of one's own."""
    api.post(f"{_V1}/proposals/{number}/withdraw", body)
    inform("Withdrawn.")


@click.command("approve-run")
@click.argument("run", type=int)
@body_of(ApproveRun, but=("mark",))
@click.option("--yes", is_flag=True, help="Do not ask again.")
@formatted
@connected
def approve_run(api: Api, show: Show, run: int, body: Body, *, yes: bool) -> None:
    """Show what approving all proposals of a run would do, ask, and do it."""
    review = api.get(f"{_V1}/runs/{run}/approval")
    show.listed(PROPOSALS, with_words(show, review["items"]))
    for each in review["stale"]:
        inform("Left out, out of date: %(dealer)s: %(why)s", dealer=each["dealer"], why=changed(each))
    for each in review["skipped"]:
        inform("Left out: %(dealer)s: %(why)s", dealer=each["dealer"], why=each["reason"])
    change = say("not known for all") if review["change"] is None else review["change"]
    inform(
        "%(proposals)s to approve, %(come_into_force)s come into force by it,"
        " %(second_needed)s need another approval afterwards; change in company currency %(sum)s.",
        **review,
        sum=grouped(change),
    )
    if not review["proposals"] or not (yes or click.confirm(say("Approve them?"), err=True)):
        return
    done = api.post(f"{_V1}/runs/{run}/approval", {**body, "mark": review["mark"]})
    inform("%(count)s approved.", count=done["approved"])
    for each in done["skipped"]:
        pass_on(f"  {each['dealer']}: {each['reason']}")


@click.command()
@click.argument("code")
@click.option("--kind", type=click.Choice(_KINDS), default="base", show_default=True)
@body_of(ProposeLimit, but=("kind", "raise_id"))
@connected
def propose(api: Api, code: str, kind: str, body: Body) -> None:
    """Propose a limit, a raise for a time, or a limit's end by hand."""
    _waits(api, api.post(f"{_V1}/dealers/{part(code)}/proposals", {**body, "kind": kind})["id"])


@click.command("end-raise")
@click.argument("code")
@click.argument("number", metavar="[NUMBER]", type=int, required=False)
@body_of(ProposeLimit, but=("kind", "raise_id", "amount", "to_on"))
@connected
def end_raise(api: Api, code: str, number: int | None, body: Body) -> None:
    """Propose that a raise ends early: the only one in force, or NUMBER of those that `limits` shows."""
    if number is None:
        raises = api.get(f"{_V1}/dealers/{part(code)}/limit")["raises"]
        if len(raises) != 1:
            told = ", ".join(f"{each['id']} ({each['amount']}, – {each['to_on']})" for each in raises)
            raise click.UsageError(
                say("Say which raise: %(raises)s.", raises=told) if raises else say("No raise is in force.")
            )
        number = raises[0]["id"]
    wish = {**body, "kind": "raise_end", "raise_id": number}
    _waits(api, api.post(f"{_V1}/dealers/{part(code)}/proposals", wish)["id"])


def _waits(api: Api, number: int) -> None:
    """What a new proposal would do, and how many must approve it."""
    made = api.get(f"{_V1}/proposals/{number}")
    inform(
        "Proposal %(id)s waits for somebody else: %(needed)s must approve, and approved today it counts from %(on)s.",
        id=number,
        needed=made["approvals_needed"],
        on=made["takes_force_on"],
    )


COMMANDS = (proposals, proposal, approve, refuse, withdraw, approve_run, propose, end_raise)
