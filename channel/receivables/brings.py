"""What the room `receivables` brings to the house."""

from urllib.parse import quote

from asyncpg import Record

from channel.access.rules import Right
from channel.brings import Brings, Kept
from channel.consent.rules import who_asks
from channel.errors import m
from channel.imports.queries.waiting import waiting_loads
from channel.money import exact_text
from channel.panels import Deciding, Panel, Waiting, WaitingItem
from channel.receivables import api, pages
from channel.receivables.api.disputes import DisputeRow
from channel.receivables.api.documents import DocumentRow
from channel.receivables.api.open_items import ItemRow
from channel.receivables.api.promises import PromiseRow
from channel.receivables.lists.disputes import DISPUTES
from channel.receivables.lists.documents import DOCUMENTS, ITEMS
from channel.receivables.lists.promises import PROMISES
from channel.receivables.lists.waiting import ASKED_NAMES, whose
from channel.receivables.queries.waiting import waiting_of
from channel.receivables.rules.disputes import REASON_NAMES
from channel.receivables.rules.settings import LEDGER_RULES
from channel.receivables.service.disputes import disputes_to_answer, late_disputes
from channel.receivables.service.disputes_go_along import DISPUTES_GO_ALONG
from channel.receivables.service.incidents import FOLLOWING_HOLDS
from channel.receivables.service.kept import reconcile_ledger
from channel.receivables.service.loads import LOADERS, LOADS_IN_CLOSED_MONTHS
from channel.receivables.service.next_steps import NEXT_STEP
from channel.receivables.service.overview import came_in, on_account_beside_open, overdue_longest
from channel.receivables.service.promise_tasks import BROKEN_PROMISE
from channel.receivables.service.promises import JUDGING, broken_since_yesterday, due_today
from channel.receivables.service.statement_runs import GIVING
from channel.receivables.service.telling import DISPUTES_TOLD, PROMISES_TOLD
from channel.receivables.service.waiting import IN_CLOSED_MONTHS, WRITE_OFFS
from channel.receivables.trail_words import TRAIL
from channel.versions.service import deciding_of


def _could_be_allocated(row: Record) -> WaitingItem:
    return WaitingItem(
        f"{row['code']} {row['currency']}",
        m(
            "%(name)s has %(amount)s on account",
            name=row["name"],
            amount=exact_text(row["on_account"], row["currency"]),
        ),
        f"/dealers/{quote(row['code'], safe='')}/receivables#money",
        m("%(open)s are open in the same currency", open=exact_text(row["open"], row["currency"])),
    )


def _waits(row: Record) -> WaitingItem:
    what = m("%(what)s: %(name)s", what=ASKED_NAMES[row["act"]], name=whose(row))
    return WaitingItem(str(row["id"]), what, f"/receivables/waiting/{row['id']}", who_asks(row))


def _load_waits(row: Record) -> WaitingItem:
    what = m("Load of %(file)s in closed months", file=row["file_name"])
    return WaitingItem(str(row["load_id"]), what, f"/imports/{row['load_id']}", who_asks(row))


def _to_answer(row: Record) -> WaitingItem:
    return WaitingItem(
        str(row["id"]),
        m("%(name)s disputes %(amount)s", name=row["dealer_name"], amount=exact_text(row["amount"], row["currency"])),
        f"/receivables/disputes/{row['id']}",
        m("to be answered by %(on)s: %(why)s", on=row["due_on"], why=REASON_NAMES[row["reason_code"]]),
    )


BRINGS = Brings(
    successors=(DISPUTES_GO_ALONG,),
    routes=(*api.ROUTES, *pages.ROUTES),
    nav=pages.NAV,
    words=TRAIL,
    loaders=LOADERS,
    tasks=(BROKEN_PROMISE, NEXT_STEP),
    work=(GIVING, JUDGING, FOLLOWING_HOLDS),
    deciding=(
        deciding_of(LEDGER_RULES, "ledger_rules"),
        Deciding("write_offs", WRITE_OFFS, waiting_of, _waits),
        Deciding("in_closed_months", IN_CLOSED_MONTHS, waiting_of, _waits),
        Deciding("loads_in_closed_months", LOADS_IN_CLOSED_MONTHS, waiting_loads, _load_waits),
    ),
    messages=(DISPUTES_TOLD, PROMISES_TOLD),
    kept=(Kept("ledger", m("open items and account rows against what was posted"), reconcile_ledger),),
    waiting=(
        Waiting(
            "on_account",
            Right.ALLOCATE_MONEY,
            on_account_beside_open,
            _could_be_allocated,
            lambda count: m("and %(count)s more accounts with money that waits to be allocated", count=str(count)),
        ),
        Waiting(
            "disputes",
            Right.KEEP_DISPUTES,
            disputes_to_answer,
            _to_answer,
            lambda count: m("and %(count)s more disputes to be answered", count=str(count)),
        ),
    ),
    panels=(
        Panel(
            "overdue",
            m("Overdue"),
            Right.ALLOCATE_MONEY,
            ITEMS,
            ("due_on", "days_overdue", "number", "dealer", "open", "disputed"),
            m("Everything that is overdue"),
            "/receivables/items?overdue_only=yes",
            overdue_longest,
            ItemRow,
        ),
        Panel(
            "late_disputes",
            m("Disputes answered late"),
            Right.ALLOCATE_MONEY,
            DISPUTES,
            ("due_on", "days_late", "id", "dealer", "amount", "owner"),
            m("Everything that is answered late"),
            "/receivables/disputes?late=yes",
            late_disputes,
            DisputeRow,
        ),
        Panel(
            "promises_due",
            m("Promised for today"),
            Right.ALLOCATE_MONEY,
            PROMISES,
            ("due_on", "dealer", "amount", "came", "promised_by"),
            m("All outstanding promises"),
            "/receivables/promises?state=open",
            due_today,
            PromiseRow,
        ),
        Panel(
            "promises_broken",
            m("Promises broken since yesterday"),
            Right.ALLOCATE_MONEY,
            PROMISES,
            ("due_on", "dealer", "amount", "came", "promised_by"),
            m("All broken promises"),
            "/receivables/promises?state=broken&sort=-due_on",
            broken_since_yesterday,
            PromiseRow,
        ),
        Panel(
            "came_in",
            m("Came in since yesterday"),
            Right.ALLOCATE_MONEY,
            DOCUMENTS,
            ("number", "dealer", "amount"),
            m("Everything that came in"),
            "/receivables/documents?kind=came_in&recorded=yesterday",
            came_in,
            DocumentRow,
        ),
    ),
)
