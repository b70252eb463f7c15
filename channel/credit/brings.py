"""What the room `credit` brings to the house."""

from collections.abc import Sequence

from channel.brings import Brings, Concern, Kept
from channel.consent.rules import who_asks
from channel.credit import api, pages
from channel.credit.queries.proposals import proposals_of
from channel.credit.rules import POLICY
from channel.credit.rules.choices import KIND_NAMES
from channel.credit.service.ended import end_limits, reconcile_ended
from channel.credit.service.limit_spans import lacking_approvals, reconcile_spans
from channel.credit.service.limits import Told, told
from channel.credit.service.loads import LOADERS
from channel.credit.service.telling import LIMITS_TOLD
from channel.credit.service.weighing import LIMITS
from channel.credit.trail_words import TRAIL
from channel.errors import m
from channel.panels import Deciding, WaitingItem
from channel.versions.service import deciding_of


async def _proposals(numbers: Sequence[int]) -> list[Told]:
    return await told(await proposals_of(numbers))


def _proposal(row: Told) -> WaitingItem:
    amounts = {"before": row["before_amount"], "amount": row["amount"], "currency": row["currency"]}
    whose = {"what": KIND_NAMES[row["kind"]], "name": row["name"]}
    if row["amount"] is None:
        what = m("%(what)s of %(name)s", **whose)
    elif row["before_amount"] is None or row["kind"] != "base":
        what = m("%(what)s of %(name)s: %(amount)s %(currency)s", **whose, **amounts)
    else:
        what = m("%(what)s of %(name)s: %(before)s → %(amount)s %(currency)s", **whose, **amounts)
    stale = (m("out of date"),) if row["stale"] else ()
    rateless = (m("no rate"),) if row["change_amount"] is None else ()
    return WaitingItem(
        str(row["id"]), what, f"/credit/proposals/{row['id']}", who_asks(row), (*stale, *rateless), row["change_amount"]
    )


BRINGS = Brings(
    routes=(*api.ROUTES, *pages.ROUTES),
    nav=pages.NAV,
    words=TRAIL,
    messages=(LIMITS_TOLD,),
    loaders=LOADERS,
    followers=(end_limits,),
    deciding=(deciding_of(POLICY, "policies"), Deciding("to_decide", LIMITS, _proposals, _proposal)),
    kept=(
        Kept("limits", m("limits in force by day against the journal of limits"), reconcile_spans),
        Kept("ended", m("limits and open proposals against the end of the cooperation"), reconcile_ended),
    ),
    concerns=(
        Concern(
            "approvals",
            m("limits in force with fewer approvals than the policy needs for their total"),
            lacking_approvals,
        ),
    ),
)
