"""`channel review`: what is due, reviews as they were opened, and the plans that open them."""

from datetime import datetime

import click

from channel.acts import Why
from channel.cli.terminal.act_options import Body, body_of
from channel.cli.terminal.arguments import DAY, day, one_of
from channel.cli.terminal.client import Api, connected, part
from channel.cli.terminal.lazy_groups import ListedGroup
from channel.cli.terminal.output import Show, formatted, inform
from channel.cli.terminal.words import say
from channel.cli.versions import commands_of
from channel.reviews.acts import (
    AddPlan,
    DecideReview,
    DecideReviews,
    HandOnReview,
    OpenReviews,
    PausePlan,
    ResumePlan,
)
from channel.reviews.lists import DUE, PLANS, REVIEWS, RUNS, TOGETHER, WOULD_OPEN
from channel.reviews.rules.choices import ReviewState
from channel.reviews.rules.deciding import OUTCOME_NAMES, Outcome
from channel.reviews.rules.plan import FindingKind, PlanKind
from channel.reviews.rules.plan_paper import REVIEW_PLANS
from channel.reviews.rules.proposing import ReviewAct
from channel.reviews.rules.queue import Waits, Whose

_AT = "/api/v1/reviews"


def _plan(code: str) -> str:
    return f"{_AT}/plans/{part(code)}"


def _one(dealer: str, number: int) -> str:
    return f"{_AT}/dealers/{part(dealer)}/{number}"


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
@click.option("--kind", type=one_of(PlanKind), help="Only those of this.")
@click.option("--whose", type=one_of(Whose), help="Only yours, those of your people, or those that anybody may decide.")
@click.option("--waits", type=one_of(Waits), help="Only those that are late, or were shown to a manager.")
@formatted
@connected
def list_reviews(api: Api, show: Show, period: datetime | None, **asked: str | int | None) -> None:
    """List reviews, the heaviest first."""
    show.listed(REVIEWS, api.every(_AT, period=day(period), **asked, limit=200))


@review.command("of")
@click.argument("dealer", metavar="CODE")
@formatted
@connected
def list_reviews_of(api: Api, show: Show, *, dealer: str) -> None:
    """List every review of dealer CODE."""
    show.listed(REVIEWS, api.every(f"{_AT}/dealers/{part(dealer)}", limit=200))


@review.command("show")
@click.argument("dealer", metavar="CODE")
@click.argument("number", type=int)
@formatted
@connected
def show_review(api: Api, show: Show, *, dealer: str, number: int) -> None:
    """Show review NUMBER of dealer CODE with all that was seen and found."""
    show.document(api.get(f"{_AT}/dealers/{part(dealer)}/{number}"))


@review.command("decision")
@click.argument("dealer", metavar="CODE")
@click.argument("number", type=int)
@formatted
@connected
def show_decision(api: Api, show: Show, *, dealer: str, number: int) -> None:
    """Show what became of review NUMBER of dealer CODE: what was decided, by whom and why, and what that set off."""
    show.document(api.get(f"{_one(dealer, number)}/decision"))


@review.command("today")
@click.argument("dealer", metavar="CODE")
@click.argument("number", type=int)
@formatted
@connected
def show_today(api: Api, show: Show, *, dealer: str, number: int) -> None:
    """Show what review NUMBER of dealer CODE would propose today, and what has changed since it was opened."""
    show.document(api.get(f"{_one(dealer, number)}/today"))


@review.command("decide")
@click.argument("dealer", metavar="CODE")
@click.argument("number", type=int)
@body_of(DecideReview)
@connected
def decide(api: Api, *, dealer: str, number: int, body: Body) -> None:
    """Decide review NUMBER of dealer CODE as it proposes, or otherwise."""
    done = api.post(f"{_one(dealer, number)}/decide", body)
    inform("Review %(number)s of %(dealer)s: %(what)s.", **done, what=say(OUTCOME_NAMES[Outcome(done["outcome"])].text))


@review.command("decide-all")
@body_of(DecideReviews, but=("mark",))
@click.option("--yes", is_flag=True, help="Do what is shown; without it nothing is done.")
@formatted
@connected
def decide_all(api: Api, show: Show, *, body: Body, yes: bool) -> None:
    """Decide together all reviews that match, as each proposes or by one act; what would be done is shown before."""
    shown = api.get(f"{_AT}/together", **{name: value for name, value in body.items() if name != "reason"})
    show.listed(TOGETHER, ({**each, "name": each["dealer"]} for each in shown["reviews"]))
    if not yes:
        inform("%(able)s would be decided and %(left)s left. Nothing is done: say --yes to do it.", **shown)
        return
    done = api.post(f"{_AT}/together", {**body, "mark": shown["mark"]})
    counts = {"done": len(done["decided"]), "left": len(done["left"])}
    inform("%(done)s decided, %(left)s left undecided.", **counts)


@review.command("hand-on")
@click.argument("dealer", metavar="CODE")
@click.argument("number", type=int)
@body_of(HandOnReview)
@connected
def hand_on(api: Api, *, dealer: str, number: int, body: Body) -> None:
    """Let another decide review NUMBER of dealer CODE."""
    api.post(f"{_one(dealer, number)}/hand-on", body)
    inform("%(member)s is to decide it.", **body)


@review.command("approve-hold")
@click.argument("dealer", metavar="CODE")
@click.argument("number", type=int)
@body_of(Why)
@connected
def approve_hold(api: Api, *, dealer: str, number: int, body: Body) -> None:
    """Approve the hold that review NUMBER of dealer CODE asked for: the dealer is put on hold."""
    api.post(f"{_one(dealer, number)}/hold/approve", body)
    inform("The dealer is on hold.")


@review.command("refuse-hold")
@click.argument("dealer", metavar="CODE")
@click.argument("number", type=int)
@body_of(Why)
@connected
def refuse_hold(api: Api, *, dealer: str, number: int, body: Body) -> None:
    """Refuse the hold that review NUMBER of dealer CODE asked for."""
    api.post(f"{_one(dealer, number)}/hold/refuse", body)
    inform("The hold is refused.")


@review.command("withdraw-hold")
@click.argument("dealer", metavar="CODE")
@click.argument("number", type=int)
@body_of(Why)
@connected
def withdraw_hold(api: Api, *, dealer: str, number: int, body: Body) -> None:
    """Take back that you asked for the hold of review NUMBER of dealer CODE."""
    api.post(f"{_one(dealer, number)}/hold/withdraw", body)
    inform("Asking for the hold is withdrawn.")


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
