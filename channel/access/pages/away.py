"""The forms about days away, for those who keep people."""

from litestar import Response

from channel import clock, web
from channel.access.acts import EndAway, EnterAway
from channel.access.pages.forms import AnyRequest
from channel.access.queries.staff import whole_register
from channel.access.rules import Person, Right, require
from channel.access.rules.staff import Standing
from channel.access.service import away as service
from channel.access.service.staff import member_named
from channel.errors import m

_TEMPLATE = "access/member_act.html"


async def _deputies(member: str) -> list[tuple[str, str]]:
    """(code, name) of everybody who has not left, but the member."""
    today = clock.today()
    return [
        (each.code, f"{each.name} ({each.code})")
        for each in (await whole_register(today)).values()
        if each.code != member and each.standing(today) is not Standing.LEFT
    ]


async def _enter_form(request: AnyRequest, person: Person, member: str) -> Response[str]:
    require(person, Right.KEEP_PEOPLE)
    who = await member_named(person, member)
    return web.page(
        request,
        _TEMPLATE,
        who=who,
        at="/away",
        title=m("Enter days away"),
        button=m("Enter the days"),
        act=EnterAway,
        values={"from_on": clock.today()},
        choices={"deputy": await _deputies(who["code"])},
    )


async def _correct_form(request: AnyRequest, person: Person, member: str, number: int) -> Response[str]:
    who, row = await service.away_named(person, member, number)
    offered = await _deputies(who["code"])
    if row["deputy"] not in dict(offered):
        offered.append((row["deputy"], f"{row['deputy_name']} ({row['deputy']})"))
    return web.page(
        request,
        _TEMPLATE,
        who=who,
        at=f"/away/{number}/correct",
        title=m("Correct days away"),
        button=m("Correct the days"),
        act=EnterAway,
        values={"from_on": row["from_on"], "to_on": row["to_on"], "deputy": row["deputy"]},
        choices={"deputy": offered},
    )


async def _end_form(request: AnyRequest, person: Person, member: str, number: int) -> Response[str]:
    who, row = await service.away_named(person, member, number)
    return web.page(
        request,
        _TEMPLATE,
        who=who,
        at=f"/away/{number}/end",
        title=m("End days away"),
        button=m("End the days"),
        facts=(
            m("from %(from_on)s until before %(to_on)s", from_on=row["from_on"], to_on=row["to_on"]),
            row["deputy_name"],
        ),
        act=EndAway,
        values={"to_on": clock.today()},
    )


ROUTES = (
    *web.act_routes(
        "/staff/{member:str}/away",
        EnterAway,
        _enter_form,
        service.enter_away,
        to="/staff/{member}",
        said=m("The days away are entered."),
    ),
    *web.act_routes(
        "/staff/{member:str}/away/{number:int}/correct",
        EnterAway,
        _correct_form,
        service.correct_away,
        to="/staff/{member}",
        said=m("The days away are corrected."),
    ),
    *web.act_routes(
        "/staff/{member:str}/away/{number:int}/end",
        EndAway,
        _end_form,
        service.end_away,
        to="/staff/{member}",
        said=m("The days away end."),
    ),
)
