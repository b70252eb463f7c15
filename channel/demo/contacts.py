"""The story of the contact log: finance calls whose money is late, channel managers visit, and some are not reached."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial

from channel import clock
from channel.dealers.service.facts import dealer_by_code
from channel.demo.dealers import steady
from channel.demo.filling import Filling
from channel.demo.payers import Part
from channel.receivables.acts.contact_log import CorrectContact, LogContact
from channel.receivables.queries.contact_log import people_at
from channel.receivables.rules.contact_log import ContactKind, ContactOutcome
from channel.receivables.service.contact_log import correct_contact, log_contact

_BY_US, _BY_DEALER = ContactOutcome.BY_US, ContactOutcome.BY_DEALER
_TO_LOOK = "See whether it came 核对到账"


def plan(filling: Filling) -> None:
    """Plan all of it: days before now, by whom, with whom, and what of it."""
    told: tuple[tuple[int, str, Part, Mapping[str, object]], ...] = (
        (40, "mei", Part.SLOWER_SLIDER, {"kind": ContactKind.VISIT, "outcome": _BY_US,
                                         "said": "The shop is full of last year's bikes 去年车型库存多"}),
        (25, "fang", Part.SLIDER, {"outcome": _BY_US, "said": "He promises all of it 承诺全部付清",
                                   "next_step": _TO_LOOK, "next_on": 15}),
        (24, "fang", Part.IN_PARTS, {"kind": ContactKind.MAIL, "outcome": _BY_DEALER,
                                     "said": "Photographs of two bent wheels 两个变形轮组的照片"}),
        (6, "fang", Part.SLOWER_SLIDER, {"outcome": _BY_US, "said": "Two halves, the first today 分两次付款",
                                         "next_step": _TO_LOOK, "next_on": 6}),
        (4, "grace", Part.SLIDER, {"outcome": ContactOutcome.NOT_REACHED}),
        (3, "grace", Part.UNNAMED, {"outcome": _BY_DEALER, "said": "He asks for a statement of account 索要对账单",
                                    "next_step": "Send the statement 发送对账单", "next_on": 1}),
    )  # fmt: skip
    for days, login, part, what in told:
        filling.plan(filling.now - timedelta(days=days), partial(_log, filling, login, part, what))
    filling.plan(filling.now - timedelta(days=2), partial(_correct, filling))


async def _log(filling: Filling, login: str, part: Part, what: Mapping[str, object]) -> None:
    """Write one down; the day of a next step is so many days later."""
    code = steady(filling.story)[part].code
    given = dict(what)
    if isinstance(given.get("next_on"), int):
        given["next_on"] = clock.today() + timedelta(days=int(str(given["next_on"])))
    async with filling.acting(login) as person:
        people = await people_at((await dealer_by_code(code))["id"])
        if given["outcome"] is not ContactOutcome.NOT_REACHED:
            given |= {"contact": people[0]["id"]} if people else {"with_whom": "店长 the shop's manager"}
        await log_contact(person, code, LogContact(**given))  # type: ignore[arg-type] # fields of the act


async def _correct(filling: Filling) -> None:
    """What was misheard is corrected by another entry."""
    code = steady(filling.story)[Part.MONTHLY].code
    async with filling.acting("fang") as person:
        wrong = LogContact(outcome=_BY_US, with_whom="李 Ms Li", said="She pays 80,000 on Friday 周五付八万")
        number = await log_contact(person, code, wrong)
        right = CorrectContact(
            outcome=_BY_US,
            with_whom="李 Ms Li",
            said="She pays 18,000 on Friday 周五付一万八",
            reason="Misheard 听错金额",
        )
        await correct_contact(person, number, right)
