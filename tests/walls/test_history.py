"""What the service's own role may change of what is written down, by the catalogue: every column with its reason.

A column or a table that is new here has to be argued: whatever can be updated or deleted can be made another history.
"""

import asyncpg
import pytest

from channel.access.rules import OPERATOR, Role
from channel.access.service import open_posting
from channel.database import db
from channel.database.embedded import EmbeddedPostgres
from channel.dealers.service.exclusivity import grant_exclusivity
from tests.make.access import acting, make_session, make_token
from tests.make.dealers import granting
from tests.make.sales import csv_of, loaded
from tests.make.world import make_full_world

MASTER = "a name or a place of today: before and after stand in the trail"
CACHE = "what is effective today, kept from the dated facts in the same act"
ONCE = "said once, by the act that ends it; a policy keeps whatever is said already"
JOB = "a load's progress, while it is queued, running or only checked; a policy keeps what came of it"
OPEN = "an open request; a policy keeps what is decided"
TASK = "an outstanding task; a policy keeps what has ended"
MAIL = "a mail that waits, or did not leave; a policy keeps what was sent"
TODAY = "what holds of a task today: each change is a step, which stays"
DUE = "what is still to be done, and by whom; what was done stands where it was done"
DRAFT = "an undecided version of a document; a policy of the database keeps what is decided"
NEED = "what was counted at the last word, told beside an open request; a policy keeps what is decided"

LEDGER = "what is left by everything posted, kept in the transaction of what moves it; what was posted stays"

CLAIM = "who is calling a dealer just now, for some minutes; what was said stands in the contact log"
MAY_UPDATE = {
    "account_balance.on_account": LEDGER,
    "account_balance.open": LEDGER,
    "account_bill.amount": LEDGER,
    "api_token.last_used_at": "when it was used last, to the minute; no act rests on it",
    "api_token.revoked_at": ONCE,
    "company_day.closed_at": ONCE,
    "contact.email": MASTER,
    "contact.name": MASTER,
    "contact.phone": MASTER,
    "contact.role": MASTER,
    "dealer_account.acts": "counts acts on an account, which wait for each other; nothing rests on it",
    "document_version.author_ids": DRAFT,
    "document_version.document": DRAFT,
    "document_version.effective_from": DRAFT,
    "document_version.note": DRAFT,
    "document_version.request_id": DRAFT,
    "document_version.withdrawn_by": DRAFT,
    "dealer.assortment": MASTER,
    "dealer.brands_carried": MASTER,
    "dealer.currency": CACHE,
    "dealer.exclusivity_wanted": MASTER,
    "dealer.grade": CACHE,
    "dealer.margin_level": MASTER,
    "dealer.name": MASTER,
    "dealer.parent_id": CACHE,
    "dealer.price_level": MASTER,
    "dealer.price_transparency": MASTER,
    "dealer.selling_way": MASTER,
    "dealer.status": CACHE,
    "dealer.responsible_id": CACHE,
    "dealer.terms_days": CACHE,
    "call_claim.claimed_at": CLAIM,
    "call_claim.name": CLAIM,
    "call_claim.owner": CLAIM,
    "call_claim.until": CLAIM,
    "dealer.territory_id": CACHE,
    "dealer.type": CACHE,
    "duty.name": MASTER,
    "duty.rights": MASTER,
    "exclusivity.closed_by": ONCE,
    "import_load.attempts": JOB,
    "import_load.by_session_id": JOB,
    "import_load.by_token_id": JOB,
    "import_load.counts": JOB,
    "import_load.dealer_ids": JOB,
    "import_load.digest": JOB,
    "import_load.done": JOB,
    "import_load.dry_run": JOB,
    "import_load.finished_at": JOB,
    "import_load.options": JOB,
    "import_load.partial": JOB,
    "import_load.phase": JOB,
    "import_load.posting_id": JOB,
    "import_load.preview": JOB,
    "import_load.problem": JOB,
    "import_load.request_id": JOB,
    "import_load.same_as": JOB,
    "import_load.state": JOB,
    "import_load.territory_ids": JOB,
    "import_load.total": JOB,
    "import_profile.document": "a kept mapping is replaced under its name; loads keep the mapping they went in with",
    "import_profile.kept_at": "goes with the mapping",
    "import_profile.kept_by": "goes with the mapping",
    "import_profile.person_id": "goes with the mapping",
    "import_profile.token_id": "goes with the mapping",
    "import_reject.completed_by": ONCE,
    "number_series.last": "the last number taken; each number stands in what it was given to",
    "open_item.amount": LEDGER,
    "open_item.moved_by": LEDGER,
    "open_item.moved_on": LEDGER,
    "open_item.touched_on": LEDGER,
    "person.active": MASTER,
    "person.email": MASTER,
    "person.locale": MASTER,
    "person.messages": MASTER,
    "person.name": MASTER,
    "person.password_hash": "a password is changed; that it was stands in the trail",
    "person.role": MASTER,
    "mail.ended_at": MAIL,
    "mail.fault": MAIL,
    "mail.left_out": MAIL,
    "mail.state": MAIL,
    "mail.told": MAIL,
    "mail.why": MAIL,
    "message_dealer.mail_id": ONCE,
    "message_general.mail_id": ONCE,
    "posting.recorded_at": ONCE,
    "product.line_id": "the line on the day of a load stands with each line of sales",
    "product.name": MASTER,
    "product.unit": MASTER,
    "product_line.name": MASTER,
    "product_line.wanted_type": MASTER,
    "promise_instalment.ended_by": ONCE,
    "receivable_document.live": ONCE,
    "receivable_item.settled_by": LEDGER,
    "receivable_item.settled_on": LEDGER,
    "receivable_item.touched_on": LEDGER,
    "review.decided_by": ONCE,
    "review.escalated_on": "the day on which it was shown to a manager, once; the step stands in review_step",
    "review.escalated_to": "goes with the day",
    "review.member_id": "who is to decide today; from whom to whom it was handed on stands in review_step",
    "review_plan.planned_until": "up to which day the periods were asked for; what was opened stands in its runs",
    "review_run.ended_at": "a run's end, while it is under way; what it opened stays",
    "review_run.looked_at": "how far a run is, while it is under way",
    "review_run.looked_until": "how far a run is, while it is under way",
    "review_run.opened": "how far a run is, while it is under way",
    "review_run.problem": "goes with the run's end",
    "sales_line.closed_by": ONCE,
    "staff_away.closed_at": ONCE,
    "staff_duty.to_on": "an earlier end than there was, today at the earliest; before and after stand in the trail",
    "staff_member.first_on": MASTER,
    "staff_member.last_on": MASTER,
    "staff_member.manager_id": MASTER,
    "staff_member.name": MASTER,
    "staff_member.person_id": MASTER,
    "staff_member.territory_id": MASTER,
    "request_dealer.closed_by": OPEN,
    "request_dealer.counted": NEED,
    "request_dealer.needed": NEED,
    "request_dealer.state": OPEN,
    "request_general.closed_by": OPEN,
    "request_general.counted": NEED,
    "request_general.needed": NEED,
    "request_general.state": OPEN,
    "second_tier.kind": MASTER,
    "second_tier.name": MASTER,
    "sell_in_year.company_amount": "a sum of live lines, kept in the transaction of the load",
    "session.revoked_at": ONCE,
    "sign_in_place.last_at": "when somebody came in last from there; each sign-in stands in the trail",
    "setting.value": "the company's currency: fixed once there are lines, and audited",
    "statement_run.ended_at": "a run's end, while it is under way; what it gave stays",
    "statement_run.problem": "goes with the run's end",
    "task_dealer.due_on": TODAY,
    "task_dealer.ended_by": TASK,
    "task_dealer.escalated_to": TODAY,
    "task_dealer.member_id": TODAY,
    "task_dealer.state": TASK,
    "task_general.due_on": TODAY,
    "task_general.ended_by": TASK,
    "task_general.escalated_to": TODAY,
    "task_general.member_id": TODAY,
    "task_general.state": TASK,
    "territory.level": MASTER,
    "territory.name": MASTER,
    "territory.parent_id": "where it hangs today; territory_place keeps where it hung",
    "unknown_money.ended_by": ONCE,
    "upload.forgotten_at": ONCE,
    "work.asked": DUE,
    "work.attempts": DUE,
    "work.due_at": DUE,
    "work.failed_at": DUE,
    "work.fault": DUE,
    "work.lane": DUE,
    "work.lease_until": DUE,
    "work.worker": DUE,
}

SUM = "written anew from what it sums"
MAY_DELETE = {
    "account_balance": LEDGER,
    "account_bill": LEDGER,
    "call_claim": CLAIM,
    "api_token_territory": "goes when its territory is no longer the token's; that it was stands in the trail",
    "contact": "somebody who has left; what he was stands in the trail",
    "dealer_line": "a product line no longer carried; it stands in the trail",
    "exclusivity_node": "written anew from the grants and the tree; the grants stay",
    "import_profile": "a kept mapping that is removed; loads keep the mapping they went in with",
    "import_reject": "only while its load is at work and collects the lines anew; a policy keeps all others",
    "keyed_request": "an answer that was kept to be given again for seven days; what it tells of stands in the trail",
    "limit_span": "written anew from the journal of limits",
    "open_item": LEDGER,
    "person_territory": "a binding of today; before and after stand in the trail",
    "second_tier": "a customer taken out while no line names him; he stands in the trail",
    "sell_in_year": SUM,
    "sell_in_year_kept": "says for which days the years are kept",
    "sales_month": SUM,
    "session": "a month after it ended; the sign-in stands in the trail",
    "sign_in_failure": "counts tries of the last minutes; the failed ones stand in the trail",
    "sign_in_place": "goes a month after the last sign-in from there; each sign-in stands in the trail",
    "territory_tree": "the tree of today, written anew from where each node hangs",
    "work": "goes when it is done; what was done stands where it was done",
    "upload_piece": "the bytes of a file past its time; what came of its loads stays",
}

# Said once: what brings a row to its end, and how somebody would say it anew.
SAID_ONCE = {
    "api_token": ("revoked_at = now()", "revoked_at = NULL"),
    "company_day": ("closed_at = now()", "closed_at = now()"),
    "exclusivity": ("closed_by = posting_id", "closed_by = 1"),
    "import_load": ("state = 'loaded'", "state = 'checked'"),
    "import_reject": ("completed_by = load_id", "completed_by = load_id"),
    "mail": ("state = 'sent', ended_at = now()", "state = 'waiting'"),
    "message_dealer": ("mail_id = 1", "mail_id = 1"),
    "message_general": ("mail_id = 1", "mail_id = 1"),
    "posting": ("recorded_at = now()", "recorded_at = '2001-01-01'"),
    "promise_instalment": ("ended_by = 1", "ended_by = 2"),
    "receivable_document": ("live = false", "live = true"),
    "review": ("decided_by = 1", "decided_by = 2"),
    "request_dealer": ("state = 'withdrawn', closed_by = posting_id", "state = 'approved'"),
    "request_general": ("state = 'withdrawn', closed_by = posting_id", "state = 'approved'"),
    "sales_line": ("closed_by = posting_id", "closed_by = 1"),
    "session": ("revoked_at = now()", "revoked_at = now()"),
    "staff_away": ("closed_at = now()", "closed_at = NULL"),
    "task_dealer": ("state = 'dropped', ended_by = posting_id", "state = 'done'"),
    "task_general": ("state = 'dropped', ended_by = posting_id", "state = 'done'"),
    "unknown_money": ("ended_by = posting_id", "ended_by = 1"),
    "upload": ("forgotten_at = now()", "forgotten_at = now()"),
}


@pytest.fixture
async def owner(server: EmbeddedPostgres, database: str) -> asyncpg.Connection:
    connection = await asyncpg.connect(server.dsn("channel_owner", database))
    yield connection
    await connection.close()


async def test_every_column_that_may_be_updated_has_its_reason(owner: asyncpg.Connection) -> None:
    rows = await owner.fetch(
        "SELECT table_name || '.' || column_name FROM information_schema.column_privileges"
        " WHERE grantee IN ($1, 'PUBLIC') AND privilege_type = 'UPDATE' AND table_schema = 'public'",
        db.APP_ROLE,
    )
    assert {row[0] for row in rows} == set(MAY_UPDATE)


async def test_every_table_from_which_may_be_deleted_has_its_reason(owner: asyncpg.Connection) -> None:
    rows = await owner.fetch(
        "SELECT table_name, privilege_type FROM information_schema.table_privileges"
        " WHERE grantee IN ($1, 'PUBLIC') AND table_schema = 'public'"
        " AND privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE')",
        db.APP_ROLE,
    )
    assert {tuple(row) for row in rows} == {(table, "DELETE") for table in MAY_DELETE}


async def test_when_something_was_recorded_cannot_be_said_beforehand(database: str) -> None:
    async with acting(OPERATOR):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await db.execute("INSERT INTO posting (act, actor, recorded_at) VALUES ('keep rate', 'x', '2001-01-01')")


async def test_what_is_said_once_is_held_by_the_database(owner: asyncpg.Connection, database: str) -> None:
    policies = await owner.fetch(
        "SELECT polrelid::regclass::text FROM pg_policy WHERE NOT polpermissive AND polcmd = 'w'"
    )
    assert {row[0] for row in policies} == set(SAID_ONCE)
    once = {name.partition(".")[0] for name, reason in MAY_UPDATE.items() if reason in {ONCE, JOB, OPEN, TASK, MAIL}}
    assert once == set(SAID_ONCE)
    world = await make_full_world()
    manager = world.people[Role.MANAGER]
    await make_session(manager)
    await make_token(manager)
    await loaded(manager, "sell-in", csv_of("dealer,date,product,quantity,amount", "D-2,2025-01-05,RB-210,2,200.00"))
    async with acting(manager):
        await grant_exclusivity(manager, "D-1", granting("Road", "Harbour City", await _today()))
    asked = "'x', 'x', 'x', '{}', 1, '{}', 'open', 'x', now(), (SELECT min(id) FROM posting)"
    columns = "kind, about, reason, author_ids, needed, counted, state, proposer, proposed_at, posting_id"
    await owner.execute(f"INSERT INTO request_general ({columns}) VALUES ({asked})")
    await owner.execute(f"INSERT INTO request_dealer (dealer_id, {columns}) SELECT min(id), {asked} FROM dealer")
    task = "'own', 'x', '{}', '2025-01-05', 'outstanding', (SELECT min(id) FROM posting)"
    columns = "id, kind, about, told, due_on, state, posting_id"
    await owner.execute(f"INSERT INTO task_general ({columns}) SELECT nextval('task_number'), {task}")
    await owner.execute(f"INSERT INTO task_dealer (dealer_id, {columns}) SELECT min(id), 0, {task} FROM dealer")
    await owner.execute("INSERT INTO company_day (day, works, words) VALUES ('2025-01-01', false, 'New Year')")
    await owner.execute(
        "INSERT INTO mail (person_id, kind, message_id, made_at, state)"
        " SELECT min(id), 'messages', '<a@b>', now(), 'waiting' FROM person"
    )
    columns = "id, kind, about, told, person_id, posting_id"
    message = "nextval('message_number'), 'wish', 'x', '{}', p.id, (SELECT min(id) FROM posting)"
    await owner.execute(f"INSERT INTO message_general ({columns}) SELECT {message} FROM person p")
    await owner.execute(
        f"INSERT INTO message_dealer (dealer_id, {columns}) SELECT d.id, {message} FROM dealer d, person p"
    )
    for table, (ended, anew) in SAID_ONCE.items():
        rows = await owner.fetch(f"UPDATE {table} SET {ended} RETURNING 1")
        assert rows, table
        async with db.held(db.EVERYTHING):
            assert await db.execute(f"UPDATE {table} SET {anew}") == 0, table
    async with db.held(db.EVERYTHING):
        assert await db.execute("DELETE FROM import_reject") == 0


async def _today() -> object:
    return await db.fetchval("SELECT current_date")


async def test_a_change_that_the_database_passes_over_fails_the_act(database: str) -> None:
    async def stamp_too_early() -> None:
        async with db.transaction():
            posting_id = await open_posting(OPERATOR, "keep rate")
            await db.execute("UPDATE posting SET recorded_at = '2001-01-01' WHERE id = $1", posting_id)

    async with acting(OPERATOR):
        with pytest.raises(RuntimeError, match="a change of 1 rows touched 0"):
            await stamp_too_early()
        assert await db.fetchval("SELECT count(*) FROM posting WHERE act = 'keep rate'") == 0
