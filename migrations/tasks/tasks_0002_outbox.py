"""What people are told, and the mail in which it leaves."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "tasks-0002"
VERSION = "1.38.0"
DESCRIPTION = "outbox"

SQL = """
-- Mail that leaves, or does not, and why. It holds no words: they are made when it is sent, in the receiver's language
-- and scope. `message_id` is by what mail programs know it; it stays, however often it is sent. A test goes to an
-- `address`, and the mail of a morning is a person's one mail of that `day`. `told` counts the messages that were in
-- it, `left_out` those that its receiver may not see any more.
CREATE TABLE mail (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id   bigint NOT NULL REFERENCES person (id),
    kind        text NOT NULL CONSTRAINT mail_kind CHECK (kind IN ('messages', 'daily', 'test')),
    day         date,
    address     text,
    message_id  text NOT NULL CONSTRAINT mail_message_id UNIQUE,
    made_at     timestamptz NOT NULL,
    state       text NOT NULL CONSTRAINT mail_state CHECK (state IN ('waiting', 'sent', 'not sent', 'given up')),
    why         text,
    fault       text,
    ended_at    timestamptz,
    told        integer,
    left_out    integer,
    CONSTRAINT mail_ended CHECK ((state = 'waiting') = (ended_at IS NULL)),
    CONSTRAINT mail_of_a_day CHECK ((kind = 'daily') = (day IS NOT NULL)),
    CONSTRAINT mail_to_an_address CHECK ((kind = 'test') = (address IS NOT NULL))
);
CREATE UNIQUE INDEX mail_once_a_day ON mail (person_id, day) WHERE day IS NOT NULL;
CREATE INDEX mail_by_state ON mail (state, id);

-- One series of numbers for all messages.
CREATE SEQUENCE message_number;
GRANT USAGE ON SEQUENCE message_number TO channel_app;

-- What somebody is told about a dealer. `about` is what it is about: of one kind and matter each person is told once.
-- `told` holds the ids from which its words are made, and no words. `mail_id` is the mail that took it up.
CREATE TABLE message_dealer (
    dealer_id   bigint NOT NULL REFERENCES dealer (id),
    id          bigint NOT NULL,
    kind        text NOT NULL,
    about       text NOT NULL,
    told        jsonb NOT NULL,
    person_id   bigint NOT NULL REFERENCES person (id),
    posting_id  bigint NOT NULL REFERENCES posting (id),
    mail_id     bigint REFERENCES mail (id),
    PRIMARY KEY (dealer_id, id),
    CONSTRAINT message_dealer_once UNIQUE (dealer_id, person_id, kind, about)
);
CREATE INDEX message_dealer_of_person ON message_dealer (person_id, id DESC);
CREATE INDEX message_dealer_waiting ON message_dealer (person_id) WHERE mail_id IS NULL;
CREATE INDEX message_dealer_mail ON message_dealer (mail_id);

-- The same of what is about no dealer.
CREATE TABLE message_general (
    id          bigint PRIMARY KEY,
    kind        text NOT NULL,
    about       text NOT NULL,
    told        jsonb NOT NULL,
    person_id   bigint NOT NULL REFERENCES person (id),
    posting_id  bigint NOT NULL REFERENCES posting (id),
    mail_id     bigint REFERENCES mail (id),
    CONSTRAINT message_general_once UNIQUE (person_id, kind, about)
);
CREATE INDEX message_general_of_person ON message_general (person_id, id DESC);
CREATE INDEX message_general_waiting ON message_general (person_id) WHERE mail_id IS NULL;
CREATE INDEX message_general_mail ON message_general (mail_id);

-- Whose they are decides who is shown those without a dealer, and mail: the queries ask for it.
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['message_dealer', 'message_general', 'mail'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['message_general', 'mail'] LOOP
        EXECUTE format('CREATE POLICY everybody ON %I FOR ALL TO channel_app USING (true)', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['message_dealer', 'message_general'] LOOP
        EXECUTE format('CREATE POLICY taken_once ON %I AS RESTRICTIVE FOR UPDATE TO channel_app'
            ' USING (mail_id IS NULL) WITH CHECK (mail_id IS NOT NULL)', name);
    END LOOP;
END $$;
CREATE POLICY scope ON message_dealer FOR ALL TO channel_app
    USING ((SELECT scope_is_open()) OR EXISTS (SELECT FROM dealer d WHERE d.id = message_dealer.dealer_id
        AND d.territory_id = ANY ((SELECT scope_territories())::bigint[])));
-- What was sent stays so.
CREATE POLICY sent_once ON mail AS RESTRICTIVE FOR UPDATE TO channel_app USING (state <> 'sent') WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE (mail_id) ON message_dealer, message_general TO channel_app;
GRANT SELECT, INSERT, UPDATE (state, why, fault, ended_at, told, left_out) ON mail TO channel_app;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="tasks", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
