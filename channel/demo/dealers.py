"""The story of the room `dealers`: who is entered when, what changes on the way, who is granted exclusivity."""

from datetime import date, datetime, timedelta
from functools import partial
from itertools import groupby

from channel import clock
from channel.dealers.acts import ChangeFact, GrantExclusivity, KeepCustomer
from channel.dealers.rules import Fact, SecondTierKind, Status
from channel.dealers.service.dealers import keep_second_tier
from channel.dealers.service.exclusivity import grant_exclusivity
from channel.dealers.service.facts import change_fact
from channel.demo.filling import AT, Filling
from channel.demo.story import MONTHS, Dealer, Story
from channel.periods import Month

_OPENING = 12
"""Months before the story's first by which the dealers' facts are in effect."""
_GRANTS = 10


def steady(story: Story) -> list[Dealer]:
    """Those who trade all the time."""
    return [dealer for dealer in story.dealers if dealer.first == 0 and dealer.last == MONTHS]


def regraded(story: Story) -> list[tuple[Dealer, bool]]:
    """Those whose grade changes on the way, and whether to a better one: they pay early and grow, or late and later."""
    return [(dealer, dealer.growth > 0) for dealer in steady(story)[3::11]]


def put_on_hold(story: Story) -> list[Dealer]:
    """Those who are put on hold at the end, since their cheques came back."""
    return steady(story)[20::60]


def plan(filling: Filling) -> None:
    """Plan all of it."""
    _plan_entries(filling)
    _plan_changes(filling)
    _plan_grants(filling)


def _plan_entries(filling: Filling) -> None:
    """Those who were there before are entered at the start, the others in the month in which they are appointed."""
    at = datetime.combine(filling.story.months[0].first - timedelta(days=18), AT)
    opening = filling.story.months[0].plus(-_OPENING).first
    for first, group in groupby(sorted(filling.story.dealers, key=lambda d: d.first), lambda d: d.first):
        day = opening if first == 0 else filling.story.months[first].first
        filling.plan(at if first == 0 else filling.moment(day), partial(_enter_dealers, filling, list(group), day))


async def _enter_dealers(filling: Filling, dealers: list[Dealer], day: date) -> None:
    await filling.load("mei", "dealers", filling.story.dealer_file(dealers), clock.now(), effective_on=day.isoformat())
    async with filling.acting("oscar") as oscar:
        for dealer in dealers:
            for code, name, kind in dealer.customers:
                customer = KeepCustomer(code=code, name=name, kind=SecondTierKind(kind))
                await keep_second_tier(oscar, dealer.code, customer)


def _plan_changes(filling: Filling) -> None:
    """What changed on the way: grades, terms, dealers put on hold and ended."""
    months = filling.story.months
    for number, (dealer, better) in enumerate(regraded(filling.story)):
        grade = _neighbour(dealer.grade, better=better)
        why = "Pays early and grows: 付款及时, 销量增长" if better else "Pays late more and more often: 付款拖延"
        day = months[14 + number % 9].first
        filling.plan(
            filling.moment(day, timedelta(days=4)),
            partial(_change, filling, "fang", dealer, Fact.GRADE, grade, day, why),
        )
    for number, dealer in enumerate(steady(filling.story)[6::29]):
        day = months[12 + number].first
        why = "Contract renewed 续约"
        filling.plan(filling.moment(day), partial(_change, filling, "mei", dealer, Fact.TERMS_DAYS, "45", day, why))
    for dealer in filling.story.dealers:
        if dealer.first == 0 and dealer.last < MONTHS:
            day = months[dealer.last].first
            why = "Closed the business 停业"
            filling.plan(
                filling.moment(day), partial(_change, filling, "mei", dealer, Fact.STATUS, Status.ENDED, day, why)
            )
    for dealer in put_on_hold(filling.story):
        day = months[-1].first + timedelta(days=9)
        why = "Cheques came back twice 支票两次退票"
        filling.plan(
            filling.moment(day), partial(_change, filling, "mei", dealer, Fact.STATUS, Status.ON_HOLD, day, why)
        )

    # From now on and from next month on others look after some: what is open of them goes along.
    for day, place, member, why in (
        (filling.now.date() - timedelta(days=35), "E-HZ", "E12", "Accounts of Hangzhou shared 杭州客户分担"),
        (filling.now.date() + timedelta(days=20), "S", "E22", "Territories redrawn 区域调整"),
    ):
        theirs = [each for each in steady(filling.story) if each.territory.startswith(place)][:3]
        at = filling.now - timedelta(days=35)
        for dealer in theirs:
            if dealer is not filling.story.of_nobody:
                filling.plan(at, partial(_change, filling, "mei", dealer, Fact.RESPONSIBLE, member, day, why))


async def _change(filling: Filling, login: str, dealer: Dealer, fact: Fact, value: str, day: date, why: str) -> None:
    async with filling.acting(login) as person:
        act = ChangeFact(fact=fact, value=value, effective_on=day, reason=why)
        await change_fact(person, dealer.code, act)


def _plan_grants(filling: Filling) -> None:
    """Ten terminal dealers are the only ones of a line in their district."""
    taken: set[tuple[str, str]] = set()
    for dealer in filling.story.dealers:
        place = (dealer.territory, dealer.lines[0])
        trades = dealer.first == 0 and dealer.last == MONTHS and dealer.type == "terminal"
        if not trades or place in taken or dealer.lines[0] == "SP" or len(taken) == _GRANTS:
            continue
        taken.add(place)
        month = filling.story.months[6 + len(taken)]
        filling.plan(filling.moment(month.first), partial(_grant, filling, dealer, *place, month))


async def _grant(filling: Filling, dealer: Dealer, territory: str, line: str, month: Month) -> None:
    why = "Agreed in the contract 合同约定"
    async with filling.acting("oscar") as oscar:
        act = GrantExclusivity(
            line=line, territory=territory, from_on=month.first, to_on=month.plus(24).first, reason=why
        )
        await grant_exclusivity(oscar, dealer.code, act)


def _neighbour(grade: str, *, better: bool) -> str:
    grades = ("AAA", "AA", "A", "B", "C")
    at = grades.index(grade) + (-1 if better else 1)
    return grades[max(0, min(at, len(grades) - 1))]
