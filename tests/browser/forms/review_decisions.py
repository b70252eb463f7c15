"""Sent: reviews decided, one and many, handed on, and the words on a hold that one asked for."""

import itertools
import secrets
from collections.abc import Mapping
from datetime import timedelta

from channel import clock
from channel.access.rules import Person, Role
from channel.reviews.acts import DecideReview
from channel.reviews.service.deciding import decide_review
from tests.make.access import acting, make_member, make_person
from tests.make.dealers import make_dealer
from tests.make.deciding import make_review
from tests.make.forms import Sending

_DECIDING = (Role.MANAGER, Role.FINANCE, Role.REGIONAL)
_days = itertools.count(1)


async def _opened(proposal: str) -> Mapping[str, str]:
    """A review of a dealer of its own, as of a day of its own."""
    code = f"H-{secrets.token_hex(4)}"
    dealer_id = await make_dealer(code, territory="Harbour City")
    day = clock.today() - timedelta(days=next(_days))
    return {"dealer": code, "review": str(await make_review(dealer_id, proposal, as_of=day))}


async def _to_call(_: Person) -> Mapping[str, str]:
    return await _opened("call")


async def _with_member(_: Person) -> Mapping[str, str]:
    second = await make_person(Role.FINANCE)
    code = f"M-{secrets.token_hex(4)}"
    await make_member(await make_person(Role.ADMINISTRATOR), code, login=second.login)
    return {**await _opened("call"), "member": code}


async def _asked_by(person: Person) -> Mapping[str, str]:
    made = await _opened("hold")
    async with acting(person):
        await decide_review(person, made["dealer"], int(made["review"]), DecideReview(reason="does not pay"))
    return made


async def _asked(_: Person) -> Mapping[str, str]:
    return await _asked_by(await make_person(Role.REGIONAL, 1))


_PLACE = "/dealers/{code}/reviews/{review}"
_ONE = "/dealers/{dealer}/reviews/{review}"
_DECIDED = "SELECT act = '{}' AND reason = '{}' FROM review_decision WHERE number = {{review}}"
_HOLD = "SELECT state = '{}' FROM request_dealer WHERE kind = 'hold of a review' AND about = '{{review}}'"
CASES = (
    Sending(f"{_PLACE}/decide", _ONE, _DECIDING, {"reason": "by {role}"}, "a call to be made",
            _DECIDED.format("call", "by {role}"), "[action*='/decide']", before=_to_call),
    Sending(f"{_PLACE}/hand-on", _ONE, _DECIDING, {"member": "{member}", "reason": "he knows him"},
            "is to decide it.",
            "SELECT to_id IS NOT NULL AND said = 'he knows him' FROM review_step WHERE number = {review}",
            "[action$='/hand-on']", before=_with_member),
    Sending(f"{_PLACE}/hold/approve", _ONE, (Role.MANAGER, Role.FINANCE), {"reason": "right"}, "The dealer is on hold.",
            _HOLD.format("approved"), "[action$='/hold/approve']", before=_asked),
    Sending(f"{_PLACE}/hold/refuse", _ONE, (Role.MANAGER, Role.FINANCE), {"reason": "he paid"}, "The hold is refused.",
            _HOLD.format("refused"), "[action$='/hold/refuse']", before=_asked),
    Sending(f"{_PLACE}/hold/withdraw", _ONE, [Role.REGIONAL], {"reason": "he paid"},
            "Asking for the hold is withdrawn.", _HOLD.format("withdrawn"), "[action$='/hold/withdraw']",
            before=_asked_by),
    Sending("/reviews/together", "/reviews/together?dealer={dealer}", _DECIDING, {"reason": "all by {role}"},
            "1 decided, 0 left undecided.", _DECIDED.format("call", "all by {role}"), "[method='post']",
            before=_to_call),
)  # fmt: skip
