"""What waits for a second person's word, and the words given on it: with a dealer and without."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "consent-0001"
VERSION = "1.38.0"
DESCRIPTION = "requests and words"

SQL = """
-- Something of a dealer's that is asked for. `about` tells it from what else of its kind may be open for him: of one
-- matter one request waits at a time. `size` is what it is about in company currency (null where nobody knows), by
-- which the greatest is told first. `needed` is how many must approve and `counted` what that was counted from, both
-- as they were at the last word; `author_ids` had a hand in it and cannot approve it.
CREATE TABLE request_dealer (
    dealer_id   bigint NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    kind        text NOT NULL,
    about       text NOT NULL,
    reason      text NOT NULL,
    size        numeric(24, 4),
    author_ids  bigint[] NOT NULL,
    replaces    bigint,
    needed      integer NOT NULL CONSTRAINT request_dealer_needs CHECK (needed >= 0),
    counted     jsonb NOT NULL,
    state       text NOT NULL CONSTRAINT request_dealer_state
                CHECK (state IN ('open', 'approved', 'refused', 'withdrawn', 'superseded', 'ended')),
    proposer_id bigint REFERENCES person (id),
    proposer    text NOT NULL,
    proposed_at timestamptz NOT NULL,
    posting_id  bigint NOT NULL REFERENCES posting (id),
    closed_by   bigint REFERENCES posting (id),
    PRIMARY KEY (dealer_id, id),
    FOREIGN KEY (dealer_id, replaces) REFERENCES request_dealer (dealer_id, id),
    CONSTRAINT request_dealer_closed CHECK ((state = 'open') = (closed_by IS NULL))
);
CREATE UNIQUE INDEX request_dealer_one_open ON request_dealer (dealer_id, kind, about) WHERE state = 'open';
CREATE INDEX request_dealer_waiting ON request_dealer (kind, (coalesce(size, 'Infinity')) DESC, id DESC)
    WHERE state = 'open';
CREATE INDEX request_dealer_by_id ON request_dealer (id);
CREATE TABLE vote_dealer (
    dealer_id   bigint NOT NULL,
    request_id  bigint NOT NULL,
    person_id   bigint NOT NULL REFERENCES person (id),
    person      text NOT NULL,
    vote        text NOT NULL CONSTRAINT vote_dealer_vote CHECK (vote IN ('approve', 'refuse')),
    reason      text NOT NULL,
    at          timestamptz NOT NULL,
    posting_id  bigint NOT NULL REFERENCES posting (id),
    PRIMARY KEY (dealer_id, request_id, person_id),
    FOREIGN KEY (dealer_id, request_id) REFERENCES request_dealer (dealer_id, id)
);
CREATE INDEX vote_dealer_of_person ON vote_dealer (person_id, at DESC);

-- The same of what belongs to no dealer.
CREATE TABLE request_general (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind        text NOT NULL,
    about       text NOT NULL,
    reason      text NOT NULL,
    size        numeric(24, 4),
    author_ids  bigint[] NOT NULL,
    replaces    bigint REFERENCES request_general (id),
    needed      integer NOT NULL CONSTRAINT request_general_needs CHECK (needed >= 0),
    counted     jsonb NOT NULL,
    state       text NOT NULL CONSTRAINT request_general_state
                CHECK (state IN ('open', 'approved', 'refused', 'withdrawn', 'superseded', 'ended')),
    proposer_id bigint REFERENCES person (id),
    proposer    text NOT NULL,
    proposed_at timestamptz NOT NULL,
    posting_id  bigint NOT NULL REFERENCES posting (id),
    closed_by   bigint REFERENCES posting (id),
    CONSTRAINT request_general_closed CHECK ((state = 'open') = (closed_by IS NULL))
);
CREATE UNIQUE INDEX request_general_one_open ON request_general (kind, about) WHERE state = 'open';
CREATE TABLE vote_general (
    request_id  bigint NOT NULL REFERENCES request_general (id),
    person_id   bigint NOT NULL REFERENCES person (id),
    person      text NOT NULL,
    vote        text NOT NULL CONSTRAINT vote_general_vote CHECK (vote IN ('approve', 'refuse')),
    reason      text NOT NULL,
    at          timestamptz NOT NULL,
    posting_id  bigint NOT NULL REFERENCES posting (id),
    PRIMARY KEY (request_id, person_id)
);

-- What is decided stays. The dealers' room adds who sees what belongs to a dealer; the rest everybody may know of.
ALTER TABLE request_dealer ENABLE ROW LEVEL SECURITY;
CREATE POLICY decided_once ON request_dealer AS RESTRICTIVE FOR UPDATE TO channel_app
    USING (state = 'open') WITH CHECK (true);
ALTER TABLE vote_dealer ENABLE ROW LEVEL SECURITY;
ALTER TABLE request_general ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody ON request_general FOR ALL TO channel_app USING (true);
CREATE POLICY decided_once ON request_general AS RESTRICTIVE FOR UPDATE TO channel_app
    USING (state = 'open') WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE (state, closed_by, needed, counted) ON request_dealer, request_general TO channel_app;
GRANT SELECT, INSERT ON vote_dealer, vote_general TO channel_app;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="consent", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
