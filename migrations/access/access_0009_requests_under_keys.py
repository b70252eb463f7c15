"""Requests that came under a key of their sender's, and how they were answered."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "access-0009"
VERSION = "1.38.0"
DESCRIPTION = "requests under keys"

SQL = """
-- A request that was carried out under an Idempotency-Key, kept for some days in the transaction of what it did. Whose
-- the key is: a token's or, of a sign-in, a person's. `acts` is what was done, in words. Of a request that was
-- `answered` the answer stands beside it; of others why not: it was shown once, is too long, or only a part is `begun`.
-- Territories (null: all there are) and dealers are what the answer may tell of: who gets it again must reach them all.
CREATE TABLE keyed_request (
    owner           text NOT NULL,
    key             text NOT NULL CONSTRAINT keyed_request_key CHECK (length(key) BETWEEN 1 AND 200),
    at              timestamptz NOT NULL,
    digest          bytea NOT NULL,
    state           text NOT NULL CONSTRAINT keyed_request_state
                    CHECK (state IN ('begun', 'answered', 'shown once', 'too long')),
    acts            jsonb NOT NULL,
    territory_ids   bigint[],
    dealer_ids      bigint[] NOT NULL,
    status          integer,
    headers         jsonb,
    body            bytea,
    PRIMARY KEY (owner, key),
    CONSTRAINT keyed_request_answer CHECK ((state = 'answered') = (num_nonnulls(status, headers, body) = 3))
);
CREATE INDEX keyed_request_at ON keyed_request (owner, at);
-- No UPDATE: what was answered stays as it is until it is forgotten.
GRANT SELECT, INSERT, DELETE ON keyed_request TO channel_app;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="access", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
