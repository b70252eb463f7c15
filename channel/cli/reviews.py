"""`channel review`: what is due, reviews as they were opened, and the plans that open them."""

from datetime import datetime

import click

from channel.cli.terminal.act_options import Body, body_of
from channel.cli.terminal.arguments import DAY, day, one_of
from channel.cli.terminal.client import Api, connected, part
from channel.cli.terminal.lazy_groups import ListedGroup
from channel.cli.terminal.output import Show, formatted, inform
from channel.cli.versions import commands_of
from channel.reviews.acts import AddPlan, OpenReviews, PausePlan, ResumePlan
from channel.reviews.lists import DUE, PLANS, REVIEWS, RUNS, WOULD_OPEN
from channel.reviews.rules.choices import ReviewState
from channel.reviews.rules.plan import FindingKind
from channel.reviews.rules.plan_paper import REVIEW_PLANS
from channel.reviews.rules.proposing import ReviewAct

_AT = "/api/v1/reviews"


def _plan(code: str) -> str:
    return f"{_AT}/plans/{part(code)}"


@click.group(cls=ListedGroup)
def review() -> None:
    """Reviews of dealers that open themselves: what is due, what was opened, and the plans that open them."""


@review.command("due")
@formatted
@connected
def list_due(api: Api, show: Show) -> None:
    """List what is due to be opened, and of every plan the day that comes next."""
    show.listed(DUE, api.every(f"{_AT}/due"))


@review.command("open")
@click.argument("plan", metavar="PLAN")
@body_of(OpenReviews)
@connected
def open_reviews(api: Api, *, plan: str, body: Body) -> None:
    """Open the reviews of PLAN for a day; what is opened for it already is no change."""
    opens = api.post(f"{_plan(plan)}/open", body)["opens"]
    if opens:
        inform("The reviews are being opened.")
    else:
        inform("They have been opened already.")


@review.command("list")
@click.option("--dealer", metavar="CODE", help="Only this dealer.")
@click.option("--plan", metavar="CODE", help="Only those that this plan opened.")
@click.option("--run", type=int, metavar="NUMBER", help="Only those of this opening.")
@click.option("--period", type=DAY, help="Only those as of this day.")
@click.option("--finding", type=one_of(FindingKind), help="Only those in which this was found.")
@click.option("--proposal", type=one_of(ReviewAct), help="Only those that propose this.")
@click.option("--responsible", metavar="CODE", help="Only those for this member of staff to decide, or nobody.")
@click.option("--territory", metavar="CODE", help="Only dealers in it or below it.")
@click.option("--state", type=one_of(ReviewState), help="Only those that are so.")
@formatted
@connected
def list_reviews(api: Api, show: Show, period: datetime | None, **asked: str | int | None) -> None:
    """List reviews, the heaviest first."""
    show.listed(REVIEWS, api.every(_AT, period=day(period), **asked, limit=200))


@review.command("show")
@click.argument("dealer", metavar="CODE")
@click.argument("number", type=int)
@formatted
@connected
def show_review(api: Api, show: Show, *, dealer: str, number: int) -> None:
    """Show review NUMBER of dealer CODE with all that was seen and found."""
    show.document(api.get(f"{_AT}/dealers/{part(dealer)}/{number}"))


@review.command("runs")
@click.option("--plan", metavar="CODE", help="Only those of this plan.")
@formatted
@connected
def list_runs(api: Api, show: Show, *, plan: str | None) -> None:
    """List the openings of reviews, the latest day first."""
    show.listed(RUNS, api.every(f"{_AT}/runs", plan=plan))


@review.command("plans")
@formatted
@connected
def list_plans(api: Api, show: Show) -> None:
    """List the plans, each with the day on which it opens reviews next."""
    show.listed(PLANS, api.every(f"{_AT}/plans"))


@review.command("add-plan")
@click.argument("code")
@body_of(AddPlan, but=("code",))
@connected
def add_plan(api: Api, *, code: str, body: Body) -> None:
    """Add plan CODE, which opens nothing until a version of it is approved."""
    inform("The plan %(code)s is added: draft what it says.", **api.post(f"{_AT}/plans", {"code": code, **body}))


@review.command("say")
@click.argument("plan", metavar="PLAN")
@formatted
@connected
def show_plan(api: Api, show: Show, *, plan: str) -> None:
    """Tell what PLAN says, and the next days on which it opens reviews."""
    show.document(api.get(_plan(plan)))


@review.command("preview")
@click.argument("plan", metavar="PLAN")
@click.option("--version", type=int, help="By this version instead of the one that counts.")
@formatted
@connected
def preview(api: Api, show: Show, *, plan: str, version: int | None) -> None:
    """List of whom PLAN would open a review today; nothing is written."""
    found = api.get(f"{_plan(plan)}/preview", version=version)
    told = [{**each, "findings": [one["said"] for one in each["findings"]]} for each in found["dealers"]]
    show.listed(WOULD_OPEN, told)
    inform("It would open %(found)s reviews, of %(looked_at)s dealers that it looks at.", **found)


@review.command("pause")
@click.argument("plan", metavar="PLAN")
@body_of(PausePlan)
@connected
def pause_plan(api: Api, *, plan: str, body: Body) -> None:
    """Pause PLAN from today on."""
    api.post(f"{_plan(plan)}/pause", body)
    inform("The plan is paused.")


@review.command("resume")
@click.argument("plan", metavar="PLAN")
@body_of(ResumePlan)
@connected
def resume_plan(api: Api, *, plan: str, body: Body) -> None:
    """Let PLAN open reviews again, from today on."""
    api.post(f"{_plan(plan)}/resume", body)
    inform("The plan opens reviews again.")


review.add_command(commands_of(REVIEW_PLANS, "plan"))
