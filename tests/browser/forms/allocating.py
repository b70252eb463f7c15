"""Sent: what pays what by hand and anew, taken back, written off, and words on what waits."""

import itertools
from collections.abc import Mapping

from msgspec.structs import replace

from channel.access.rules import Person, Role
from channel.receivables.acts.allocating import AllocateByHand, WriteOff
from channel.receivables.rules.documents import DocumentKind
from channel.receivables.service.allocating import ALLOCATE
from channel.receivables.service.posting import Given, post_documents
from channel.receivables.service.waiting import do_or_ask
from channel.receivables.service.writing_off import WRITE_OFF
from tests.make.access import acting, make_person
from tests.make.dealers import make_dealer
from tests.make.forms import Sending
from tests.make.receivables import owed, paying

_numbers = itertools.count(1)


async def _posted(person: Person) -> Mapping[str, str]:
    """A dealer with an open invoice, and a credit note that stays on account."""
    code = f"A-{next(_numbers)}"
    dealer = await make_dealer(code, territory="Harbour City", currency="CNY")
    credit = paying("90", kind=DocumentKind.CREDIT_NOTE, number="C1", on=3, stays_on_account=True)
    given = [Given(code, replace(each, id=0)) for each in (owed("100", number="I1"), credit)]
    async with acting(person):
        done = await post_documents(person, given)
    one, money = (str(each.document.id) for each in done.documents)
    return {"code": code, "dealer": str(dealer), "one": one, "money": money}


async def _allocated(person: Person) -> Mapping[str, str]:
    names = await _posted(person)
    act = AllocateByHand(money=int(names["money"]), items=[f"{names['one']}=20"], reason="agreed")
    async with acting(person):
        assert await do_or_ask(person, ALLOCATE, names["code"], 0, act) is None
    return {**names, "allocation": str(await _last(names["dealer"]))}


async def _last(dealer: str) -> int:
    from channel.database import db  # noqa: PLC0415

    async with db.held(db.EVERYTHING):
        found: int = await db.fetchval("SELECT max(id) FROM allocation WHERE dealer_id = $1", int(dealer))
    return found


async def _asked(person: Person) -> Mapping[str, str]:
    """A write-off that this person has asked for."""
    names = await _posted(person)
    act = WriteOff(items=[f"{names['one']}=30"], reason="gone", ask=True)
    async with acting(person):
        number = await do_or_ask(person, WRITE_OFF, names["code"], 0, act)
    return {**names, "number": str(number)}


async def _asked_by_another(person: Person) -> Mapping[str, str]:
    del person
    return await _asked(await make_person(Role.FINANCE))


_FINANCE = [Role.FINANCE]
_LEFT = "SELECT amount = {} FROM open_item WHERE document_id = {{one}}"
_STATE = "SELECT state = '{}' FROM request_dealer WHERE id = {{number}}"
_ONE = "/receivables/waiting/{number}"

CASES = (
    Sending("/dealers/{code}/receivables/allocate", "/dealers/{code}/receivables/allocate?money={money}", _FINANCE,
            {"item-{one}-1": "30.5", "reason": "as agreed"}, "It is done.", _LEFT.format("69.5"),
            button="button.main", before=_posted),
    Sending("/dealers/{code}/receivables/write-off", "/dealers/{code}/receivables/write-off", _FINANCE,
            {"item-{one}-1": "30", "reason": "gone", "ask": True}, "It waits for a second person", _LEFT.format("100"),
            before=_posted),
    Sending("/dealers/{code}/receivables/reallocate", "/dealers/{code}/receivables/reallocate", _FINANCE,
            {"reason": "anew"}, "It is done.", _LEFT.format("100"), before=_allocated),
    Sending("/dealers/{code}/receivables/allocations/{allocation_id}/take-back",
            "/dealers/{code}/receivables/allocations/{allocation}/take-back", _FINANCE, {"reason": "a mistake"},
            "It is done.", _LEFT.format("100"), before=_allocated),
    Sending("/receivables/waiting/{waiting}/approve", _ONE, _FINANCE, {"reason": "sound"}, "Approved and carried out.",
            _LEFT.format("70"), before=_asked_by_another),
    Sending("/receivables/waiting/{waiting}/refuse", _ONE, _FINANCE, {"reason": "no"}, "Refused.",
            _STATE.format("refused"), before=_asked_by_another),
    Sending("/receivables/waiting/{waiting}/withdraw", _ONE, _FINANCE, {"reason": "a mistake"}, "Withdrawn.",
            _STATE.format("withdrawn"), before=_asked),
)  # fmt: skip
