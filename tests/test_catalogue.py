"""The walls that the database itself holds, read from its catalogue."""

import asyncpg
import pytest

from channel.database import db
from channel.database.embedded import EmbeddedPostgres

# Tables with a dealer or a territory that row-level security does not fence, each with its reason.
UNFENCED = {
    "person_territory": "says what the scope is, so it is read before there is one",
    "api_token_territory": "says what the scope is, so it is read before there is one",
    "exclusivity": "an overlap must be found whoever asks; the faces tell only what the asker may know",
    "staff_member": "whoever sees dealers sees who works where, and whom to ask, also outside of his own territories",
    "exclusivity_node": "an overlap must be found whoever asks; the faces tell only what the asker may know",
}

# Masters are small and seldom written: they become reference tables, and their keys need no dealer.
MASTERS = {"dealer"}

# What must never change once it is written.
APPEND_ONLY = {
    "audit_general", "audit_dealer", "dealer_fact", "exchange_rate", "sales_report", "coverage", "credit_limit",
    "limit_proposal", "assessment", "assessment_run", "assessment_count", "financial_statement", "credit_fact",
    "document_act", "territory_place", "vote_dealer", "vote_general", "dealer_ended", "document_line",
    "document_reversal", "allocation", "allocation_end", "money_assigned", "month_closing", "waiting_act",
    "statement_run_account", "account_statement", "document_posting", "dispute", "dispute_owner", "dispute_end",
    "promise", "promise_judgement", "promise_cancellation", "credit_incident", "contact_entry",
    "review_plan_pause", "review_decision", "review_step",
    "task_step_dealer", "task_step_general", "observed_fact",
}  # fmt: skip


@pytest.fixture
async def owner(server: EmbeddedPostgres, template: str, database: str) -> asyncpg.Connection:
    connection = await asyncpg.connect(server.dsn("channel_owner", database))
    yield connection
    await connection.close()


TABLES_WITH = """
SELECT DISTINCT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND NOT a.attisdropped
  AND (a.attname = ANY ($1::text[]) OR c.relname = ANY ($2::text[]))
"""


async def test_every_table_with_a_dealer_or_a_territory_is_fenced(owner: asyncpg.Connection) -> None:
    rows = await owner.fetch(TABLES_WITH, ["dealer_id", "territory_id"], ["dealer", "territory"])
    names = {row[0] for row in rows}
    assert {"dealer", "territory", "territory_tree", "sales_line", "audit_dealer"} <= names
    fenced = {
        row[0]
        for row in await owner.fetch(
            "SELECT c.relname FROM pg_class c WHERE c.relrowsecurity"
            " AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid"
            "  AND (pg_get_expr(p.polqual, p.polrelid) LIKE '%scope_%'))"
        )
    }
    assert names - fenced == set(UNFENCED)


async def test_the_exempt_tables_still_exist(owner: asyncpg.Connection) -> None:
    tables = {row[0] for row in await owner.fetch("SELECT relname FROM pg_class WHERE relkind = 'r'")}
    assert set(UNFENCED) | APPEND_ONLY | MASTERS <= tables


async def test_the_service_is_neither_superuser_nor_owner(owner: asyncpg.Connection) -> None:
    role = await owner.fetchrow(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = $1", db.APP_ROLE
    )
    assert tuple(role) == (False, False, False, False)
    owned = await owner.fetch(
        "SELECT c.relname FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname = $1", db.APP_ROLE
    )
    assert owned == []


async def test_what_is_written_for_good_cannot_be_changed(owner: asyncpg.Connection) -> None:
    rows = await owner.fetch(
        "SELECT table_name FROM information_schema.role_table_grants"
        " WHERE grantee = $1 AND privilege_type IN ('UPDATE', 'DELETE', 'TRUNCATE')"
        " UNION SELECT table_name FROM information_schema.column_privileges"
        " WHERE grantee = $1 AND privilege_type = 'UPDATE'",
        db.APP_ROLE,
    )
    assert APPEND_ONLY & {row[0] for row in rows} == set()


KEYS_WITHOUT_THE_DEALER_FIRST = """
SELECT c.relname || '.' || i.relname
FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_attribute d ON d.attrelid = c.oid AND d.attname = 'dealer_id' AND NOT d.attisdropped
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND (x.indisunique OR x.indisexclusion)
  AND x.indkey[0] <> d.attnum AND NOT c.relname = ANY ($1::text[])
ORDER BY 1
"""

# Exclusivity compares dealers with each other, so its exclusion cannot begin with one (DESIGN: a reference table).
ACROSS_DEALERS = ["exclusivity_node"]


async def test_the_dealer_comes_first_in_every_key_of_a_fact(owner: asyncpg.Connection) -> None:
    assert [row[0] for row in await owner.fetch(KEYS_WITHOUT_THE_DEALER_FIRST, ACROSS_DEALERS)] == []


async def test_no_trigger_rule_or_cascade_stands_in_the_way_of_spreading(owner: asyncpg.Connection) -> None:
    assert (await owner.fetch("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")) == []
    cascades = await owner.fetch(
        "SELECT conname FROM pg_constraint WHERE contype = 'f'"
        " AND (confupdtype NOT IN ('a', 'r') OR confdeltype NOT IN ('a', 'r') OR condeferrable)"
    )
    assert cascades == []


async def test_a_dealer_id_is_never_missing(owner: asyncpg.Connection) -> None:
    rows = await owner.fetch(
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
        " WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"
        " AND a.attname = 'dealer_id' AND NOT a.attnotnull AND NOT a.attisdropped"
    )
    assert rows == []
